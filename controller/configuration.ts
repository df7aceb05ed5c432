import { type Config, type ConfigIssue, type ConfigResources, parseConfig } from "#core/config/mod.ts";
import type { ConfigObject, EventRecorder, Logger, Verdict } from "#k8s/mod.ts";
import { type Caches, configKinds } from "./caches.ts";

interface Parts {
  caches: Caches;
  recorder: Pick<EventRecorder, "record">;
  log: Logger;
  /** The configuration or its issues are others now; `heldPools` exist but were rejected. */
  changed(config: Config, heldPools: ReadonlySet<string>): void;
}

/** An issue that speakers tell of. */
interface Heard {
  readonly issue: ConfigIssue;
  readonly nodes: readonly string[];
}

/**
 * The configuration in force and what is wrong with it. Each object is judged alone: a rejected one is told of once by
 * a Warning event with the reason ConfigurationRejected on itself, and leaves the others in force.
 */
export class Configuration {
  readonly #parts: Parts;
  #isStarted = false;
  #isDue = false;
  #config: Config | undefined;
  #issues: readonly ConfigIssue[] = [];
  #heard: readonly Heard[] = [];
  /** By kind/name, the version and the words last told of. */
  #rejected = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    for (const kind of configKinds) {
      parts.caches[kind].subscribe({
        changed: (after, before) => {
          if (!before || !sameButStatus(after, before)) this.#schedule();
        },
        removed: () => this.#schedule(),
      });
    }
    parts.caches.nodes.subscribe({
      changed: (after, before) => {
        if (!Bun.deepEquals(after.labels, before?.labels)) this.#schedule();
      },
      removed: () => this.#schedule(),
    });
  }

  /** Undefined until every kind was listed. */
  get config(): Config | undefined {
    return this.#config;
  }

  /** Every object as it is stored, accepted or not; undefined until every kind was listed. */
  resources(): ConfigResources | undefined {
    return this.#isStarted ? resourcesOf(this.#parts.caches) : undefined;
  }

  /** What the controller itself rejects. */
  get ownIssues(): readonly ConfigIssue[] {
    return this.#issues;
  }

  /** The same, and what only speakers can judge. */
  get issues(): readonly ConfigIssue[] {
    const heard = this.#heard.map(({ issue, nodes }) => ({
      ...issue,
      message: `${issue.message} (said by the speaker of ${named(nodes)})`,
    }));
    return [...this.#issues, ...heard];
  }

  /** The speakers' issues. Only they read Secrets; whatever else they reject is rejected here, too. */
  hear(said: readonly Heard[]): void {
    this.#heard = said.filter(({ issue }) => issue.path === secretPath);
    this.#tell();
  }

  /** `spec.addresses` of a pool as it is stored, where that is a list of texts. */
  declaredRanges(name: string): readonly string[] | undefined {
    const pool = this.#find({ kind: "IPAddressPool", name });
    const addresses = (pool?.spec as { addresses?: unknown } | undefined)?.addresses;
    if (!Array.isArray(addresses)) return undefined;
    return addresses.filter((address) => typeof address === "string");
  }

  /** All kinds are listed: judge them now, and from now on after each change. */
  start(): void {
    this.#isStarted = true;
    this.#judge();
  }

  /** Who told till now is another: what is rejected is told of once more. */
  tellAgain(): void {
    this.#rejected.clear();
    this.#tell();
  }

  /** Several objects of one `kubectl apply` arrive together and are judged once. */
  #schedule(): void {
    if (!this.#isStarted || this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#judge();
    });
  }

  #judge(): void {
    const { caches } = this.#parts;
    const nodes = [...caches.nodes.values()];
    const objects = { ...resourcesOf(caches), ...(nodes.length > 0 && { nodes }) };
    const { config, issues } = parseConfig(objects, this.#config);
    const isSame = Bun.deepEquals(config, this.#config) && Bun.deepEquals(issues, this.#issues);
    if (isSame) return;
    this.#config = config;
    this.#issues = issues;
    this.#tell();
    const accepted = new Set(config.pools.map((pool) => pool.name));
    const present = objects.pools.map((pool) => pool.metadata.name);
    this.#parts.changed(config, new Set(present.filter((name) => !accepted.has(name))));
  }

  #tell(): void {
    const { recorder, log } = this.#parts;
    const rejected = new Map<string, string>();
    // Without the nodes: one more that says the same is no news.
    const all = [...this.#issues, ...this.#heard.map(({ issue }) => issue)];
    for (const [key, issues] of Map.groupBy(all, ({ kind, name }) => `${kind}/${name}`)) {
      const object = this.#find(issues[0]);
      const words = issues.map(({ message }) => message).join("; ");
      const told = `${object?.metadata.uid} ${object?.metadata.generation} ${words}`;
      rejected.set(key, told);
      if (this.#rejected.get(key) === told) continue;
      log.warn("configuration rejected", { object: key, issues: words });
      if (!object) continue;
      const { name, namespace, uid } = object.metadata;
      const subject = { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid };
      recorder.record(subject, "Warning", "ConfigurationRejected", words);
    }
    for (const key of this.#rejected.keys()) {
      if (!rejected.has(key)) log.info("configuration accepted", { object: key });
    }
    this.#rejected = rejected;
  }

  #find(issue: Pick<ConfigIssue, "kind" | "name"> | undefined): ConfigObject | undefined {
    if (!issue) return undefined;
    for (const kind of configKinds) {
      for (const object of this.#parts.caches[kind].values()) {
        if (object.kind === issue.kind && object.metadata.name === issue.name) return object;
      }
    }
    return undefined;
  }
}

/** Where a BGPPeer names the Secret with its password. */
const secretPath = "spec.passwordSecret.name";
const namedMax = 3;

function named(nodes: readonly string[]): string {
  const first = nodes.toSorted().slice(0, namedMax).join(", ");
  return nodes.length > namedMax ? `${first} and ${nodes.length - namedMax} more nodes` : first;
}

/** What MetalLB's controller judges; everything else is judged by the speakers. */
const ownKinds: ReadonlySet<string> = new Set(["IPAddressPool", "Community"]);

/** What the ConfigurationState `controller` says. */
export function controllerVerdict(
  issues: readonly ConfigIssue[],
  caches: Pick<Caches, "pools" | "communities">,
): Verdict {
  const unread = (["pools", "communities"] as const).filter((kind) => !caches[kind].synced);
  return {
    issues: issues
      .filter(({ kind }) => ownKinds.has(kind))
      .map(({ kind, name, message }) => `${kind} "${name}": ${message}`),
    ...(unread.length > 0 && {
      unknown: unread
        .map((kind) => `cannot list ${kind}: ${caches[kind].lastError ?? "no answer yet"}`)
        .join("\n"),
    }),
  };
}

/** The objects as `parseConfig` takes them. */
export function resourcesOf(caches: Pick<Caches, (typeof configKinds)[number]>) {
  return {
    pools: [...caches.pools.values()],
    l2Advertisements: [...caches.l2Advertisements.values()],
    bgpAdvertisements: [...caches.bgpAdvertisements.values()],
    peers: [...caches.peers.values()],
    bfdProfiles: [...caches.bfdProfiles.values()],
    communities: [...caches.communities.values()],
  };
}

/** Our own writes of status are no change of configuration. */
function sameButStatus(a: ConfigObject, b: ConfigObject): boolean {
  return Bun.deepEquals({ ...a, status: undefined }, { ...b, status: undefined });
}
