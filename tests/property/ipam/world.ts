import { expect } from "bun:test";
import { type Config, type Pool, parseConfig, policyAnnotations, type Resource } from "#core/config/mod.ts";
import {
  type Decision,
  onRemovalAnnotation,
  poolAnnotation,
  ServiceBook,
  type ServiceView,
  serviceKey,
} from "#core/service/mod.ts";
import type { PoolObjects, Spec } from "./generators.ts";

const kinds = { l2Advertisements: [], bgpAdvertisements: [], peers: [], bfdProfiles: [], communities: [] };
const missingPools = { removalGraceMs: 500, returnGraceMs: 5_000 };

interface Stored {
  readonly view: ServiceView;
  readonly version: number;
}

/**
 * An API server and a controller, with everything between them that can be late: each object's versions reach the
 * controller in their order, some of them left out, some twice, with any lag, and in any order among objects; the
 * controller's writes reach the API server when they do, and conflict with what was changed meanwhile.
 */
export class World {
  now = 1_000_000;
  readonly api = new Map<string, Stored>();
  /** What the watch has yet to deliver of each object; undefined: deleted. */
  readonly lag = new Map<string, (Stored | undefined)[]>();
  /** What the controller saw last. */
  readonly seen = new Map<string, Stored>();
  readonly toWrite = new Set<string>();
  /** Services that the controller saw ask for something else, or go, since the last check. */
  readonly asked = new Set<string>();
  objects: PoolObjects = [];
  /** The annotation that the controller writes, by pool; it goes with the pool. */
  readonly recorded = new Map<string, string>();
  config: Config = parseConfig({ ...kinds, pools: [] }).config;
  rejected: ReadonlySet<string> = new Set();
  /** Last accepted version of every pool that ever was. */
  readonly lastVersions = new Map<string, Pool>();
  book = new ServiceBook({ missingPools });
  #version = 0;

  constructor() {
    this.book.tick(this.now);
    this.book.startAllocating();
  }

  create(name: string, spec: Spec): void {
    const [namespace, own] = name.includes("/") ? name.split("/") : ["default", name];
    this.#put({
      namespace: namespace ?? "",
      name: own ?? "",
      uid: `uid-${this.#version}`,
      creationTimestampMs: this.#version,
      labels: {},
      type: "LoadBalancer",
      clusterIPs: ["10.96.0.1"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      externalTrafficPolicy: "Cluster",
      selector: { app: own ?? "" },
      ports: [],
      ingress: [],
      annotations: {},
      ...spec,
    });
  }

  edit(key: string, spec: Spec): void {
    const stored = this.api.get(key);
    if (!stored) return;
    const ours = Object.entries(stored.view.annotations).filter(([each]) =>
      [poolAnnotation, onRemovalAnnotation].includes(each),
    );
    const base = { clusterIPs: ["10.96.0.1"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" } as const;
    const annotations = { ...spec.annotations, ...Object.fromEntries(ours) };
    this.#put({ ...stored.view, ...base, ...spec, annotations });
  }

  remove(key: string): void {
    if (!this.api.delete(key)) return;
    this.#queue(key, undefined);
  }

  /** Delivers the next version of the object; `skip` leaves out those before the last, as a relist would. */
  deliver(key: string, skip = false): void {
    const versions = this.lag.get(key);
    const next = skip ? versions?.splice(0).at(-1) : versions?.shift();
    if (
      versions === undefined ||
      (next === undefined && !skip && versions.length === 0 && !this.seen.has(key))
    ) {
      this.lag.delete(key);
      return;
    }
    if (versions.length === 0) this.lag.delete(key);
    const before = this.seen.get(key);
    if (!before || !next || requestText(before.view) !== requestText(next.view)) this.asked.add(key);
    this.carryOut(() => {
      if (next) {
        this.seen.set(key, next);
        return this.book.upsert(next.view);
      }
      this.seen.delete(key);
      this.toWrite.delete(key);
      return this.book.remove(key);
    });
  }

  deliverAll(): void {
    for (const key of [...this.lag.keys()]) while (this.lag.has(key)) this.deliver(key);
  }

  deliverAgain(key: string): void {
    const stored = this.seen.get(key);
    if (!stored) return;
    const decisions = this.carryOut(() => this.book.upsert(stored.view));
    for (const { service, events } of decisions) expect([service, events]).toEqual([key, []]);
  }

  /** The controller's write of a status arrives: a conflict where the object changed since it was seen. */
  write(key: string): void {
    this.toWrite.delete(key);
    const decision = this.book.decision(key);
    const stored = this.api.get(key);
    if (!decision?.needsWrite || !stored) return;
    if (stored.version !== this.seen.get(key)?.version) {
      this.toWrite.add(key);
      return;
    }
    const { [poolAnnotation]: _pool, [onRemovalAnnotation]: _keep, ...rest } = stored.view.annotations;
    const annotations = {
      ...rest,
      ...(decision.pool !== undefined && { [poolAnnotation]: decision.pool }),
      ...(decision.outlivesPool && { [onRemovalAnnotation]: "keep" }),
    };
    this.#put({ ...stored.view, annotations, ingress: decision.addresses });
  }

  setPools(objects: PoolObjects): void {
    this.objects = objects;
    const present = new Set(objects.map(({ metadata }) => metadata.name));
    for (const name of this.recorded.keys()) if (!present.has(name)) this.recorded.delete(name);
    this.judge();
  }

  /** The controller writes what Services asked to be reserved, and sees it. */
  writeRecorded(): void {
    for (const { metadata } of this.objects) {
      const text = this.book.recordedIn(metadata.name);
      if (text === undefined) this.recorded.delete(metadata.name);
      else this.recorded.set(metadata.name, text);
    }
    this.judge();
  }

  judge(): void {
    this.carryOut(() => {
      const { config } = parseConfig({ ...kinds, pools: this.objects.map(this.#withRecorded) }, this.config);
      this.config = config;
      const accepted = new Set(config.pools.map((pool) => pool.name));
      for (const pool of config.pools) this.lastVersions.set(pool.name, pool);
      const names = this.objects.map(({ metadata }) => metadata.name);
      this.rejected = new Set(names.filter((each) => !accepted.has(each)));
      return this.book.setPools(config.pools, this.rejected);
    });
  }

  advance(ms: number): void {
    this.now += ms;
    this.carryOut(() => []);
  }

  /** The controller starts anew: it lists everything, in this order, and what was under way is lost. */
  restart(order: number): void {
    const make = (turn: number) => {
      const book = new ServiceBook({ missingPools });
      book.tick(this.now);
      const views = [...this.api.values()].map(({ view }) => view);
      const at = turn % Math.max(1, views.length);
      const turned = [...views.slice(at), ...views.slice(0, at)];
      const listed = turn % 2 === 0 ? turned : turned.toReversed();
      const poolsAt = turn % (listed.length + 1);
      const { config } = parseConfig({ ...kinds, pools: this.objects.map(this.#withRecorded) });
      const accepted = new Set(config.pools.map((pool) => pool.name));
      const names = this.objects.map(({ metadata }) => metadata.name);
      const rejected = new Set(names.filter((each) => !accepted.has(each)));
      for (const [index, view] of listed.entries()) {
        if (index === poolsAt) book.setPools(config.pools, rejected);
        book.upsert(view);
      }
      if (poolsAt === listed.length) book.setPools(config.pools, rejected);
      return { book, config, rejected, decisions: book.startAllocating() };
    };
    const [first, second] = [make(order), make(order * 7 + 3)];
    // Where the outcome cannot depend on the order of delivery: everything is known before anything is given.
    expect(outcome(first.book)).toEqual(outcome(second.book));
    Object.assign(this, { book: first.book, config: first.config, rejected: first.rejected });
    this.lag.clear();
    this.toWrite.clear();
    this.seen.clear();
    // What was not written down is forgotten.
    this.lastVersions.clear();
    for (const pool of first.config.pools) this.lastVersions.set(pool.name, pool);
    for (const [key, stored] of this.api) this.seen.set(key, stored);
    this.#note(first.decisions);
  }

  carryOut(work: () => Decision[]): Decision[] {
    const ticked = this.book.tick(this.now);
    const decisions = work();
    this.#note([...ticked, ...decisions]);
    return decisions;
  }

  #note(decisions: readonly Decision[]): void {
    for (const { service, needsWrite } of decisions) if (needsWrite) this.toWrite.add(service);
  }

  readonly #withRecorded = (object: Resource): Resource => {
    const text = this.recorded.get(object.metadata.name);
    if (text === undefined) return object;
    const annotations = { ...object.metadata.annotations, [policyAnnotations.recorded]: text };
    return { ...object, metadata: { ...object.metadata, annotations } };
  };

  #put(view: ServiceView): void {
    const stored = { view, version: this.#version++ };
    this.api.set(serviceKey(view), stored);
    this.#queue(serviceKey(view), stored);
  }

  #queue(key: string, stored: Stored | undefined): void {
    const versions = this.lag.get(key) ?? [];
    versions.push(stored);
    this.lag.set(key, versions);
  }
}

/** Who has what, and who waits. */
function outcome(book: ServiceBook): Record<string, string> {
  return Object.fromEntries(
    [...book.decisions()]
      .map(({ service, addresses, pool, pending }) => [service, `${addresses} ${pool} ${pending?.code}`])
      .sort(),
  );
}

/** What the Service asks for: all of it but what the controller wrote. */
function requestText({ ingress: _, annotations, ...rest }: ServiceView): string {
  const asked = Object.entries(annotations).filter(
    ([name]) => !name.endsWith("from-pool") && !name.endsWith("on-removal"),
  );
  return JSON.stringify([rest, asked.sort()]);
}
