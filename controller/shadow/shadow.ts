import type { Config } from "#core/config/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import type { EndpointView } from "#core/service/mod.ts";
import {
  type Clock,
  type KubeClient,
  type KubeObject,
  type Logger,
  type ServiceL2StatusView,
  serviceL2StatusView,
} from "#k8s/mod.ts";
import type { ShadowReport } from "#server/ports.ts";
import { type Caches, onAnyChange, whenComplete } from "../caches.ts";
import type { SpeakerFetch } from "../speaker_link.ts";
import { Given, otherChoices } from "./choices.ts";
import { compareElections } from "./elections.ts";
import { type Lasted, Lasting } from "./lasting.ts";
import { takeover } from "./takeover.ts";
import { WrittenSpeakers } from "./written_speakers.ts";

interface Parts {
  caches: Caches;
  endpointsOf(service: string): readonly EndpointView[];
  config(): Config | undefined;
  loadBalancerClass: string;
  client: KubeClient;
  namespace: string;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  /** The report is another now. */
  changed(): void;
}

type Change = Omit<ShadowReport["changes"][number], "since">;
type OtherAnnouncer = Omit<ShadowReport["otherAnnouncers"][number], "since">;

/** Whoever acts needs a moment; what is over by then was no difference. */
const settleMs = 5_000;
/** At most a tenth of the time goes into comparing. */
const restShare = 10;
/** Lines of one kind that one comparison may write. */
const linesMax = 100;
/** What is remembered of choices, which are history and not differences. */
const choicesMax = 100;

/**
 * Compares, after every change, what the cluster shows with what a controller would do that took over now, and who
 * announces with who would be elected. It writes nothing; each difference is one line in the log when it has lasted,
 * and one when it is over.
 */
export class Shadow {
  readonly #parts: Parts;
  readonly #speakers: WrittenSpeakers;
  readonly #changes: Lasting<Change>;
  readonly #elections: Lasting<OtherAnnouncer>;
  readonly #given = new Given();
  #report: ShadowReport = { services: 0, changes: [], elections: 0, otherAnnouncers: [] };
  #isStarted = false;
  #cancel: (() => void) | undefined;
  /** Until the next comparison, at least. */
  #restMs = settleMs;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { caches, signal } = parts;
    this.#speakers = new WrittenSpeakers({ ...parts, services: caches.services, pods: caches.speakers });
    this.#changes = new Lasting(settleMs, ({ service, kind, has, wants }) =>
      JSON.stringify([service, kind, has, wants]),
    );
    this.#elections = new Lasting(settleMs, ({ service, has, wants }) =>
      JSON.stringify([service, has, wants]),
    );
    signal.addEventListener("abort", () => this.#cancel?.(), { once: true });
    const mark = () => this.#schedule(this.#restMs);
    for (const cache of [caches.services, caches.namespaces, caches.nodes, caches.slices, caches.speakers]) {
      onAnyChange<unknown>(cache, mark);
    }
    onAnyChange(this.#speakers.layer2, mark);
  }

  get report(): ShadowReport {
    return this.#report;
  }

  /** Asks speakers for their state; what they wrote down answers. */
  get fetch(): SpeakerFetch {
    return this.#speakers.fetch;
  }

  /** Compares as soon as every list is complete, and after each change. */
  run(): void {
    const { caches, log, signal } = this.#parts;
    log.info("shadow: looking on, writing nothing");
    const lists = [
      whenComplete(caches),
      caches.speakers.whenAnswered(),
      this.#speakers.layer2.whenAnswered(),
    ];
    void Promise.all(lists).then(() => {
      if (signal.aborted) return;
      this.#isStarted = true;
      this.#schedule(0);
    });
  }

  /** The configuration in force is another. */
  configured(): void {
    this.#schedule(this.#restMs);
  }

  #schedule(delayMs: number): void {
    const { clock, signal } = this.#parts;
    if (!this.#isStarted || this.#cancel || signal.aborted) return;
    this.#cancel = clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#compare();
    });
  }

  #compare(): void {
    const { caches, endpointsOf, loadBalancerClass, clock, changed } = this.#parts;
    const config = this.#parts.config();
    const { layer2 } = this.#speakers;
    if (!config) return;
    const now = { wall: clock.now(), steady: clock.steady() };
    const accepted = new Set(config.pools.map(({ name }) => name));
    const present = [...caches.pools.values()].map(({ metadata }) => metadata.name);
    const services = [...caches.services.values()];
    const facts = {
      services,
      namespaces: [...caches.namespaces.values()],
      config,
      heldPools: new Set(present.filter((name) => !accepted.has(name))),
      loadBalancerClass,
    };
    const taken = takeover(facts);
    const chosen = otherChoices(facts, this.#given.since(services, loadBalancerClass));
    const { compared, others } = layer2.synced
      ? compareElections({
          services,
          book: taken.book,
          endpointsOf,
          config,
          nodes: caches.nodes.values(),
          speakerNodes: new Set(
            [...caches.speakers.values()].flatMap((pod) => (pod.ready && pod.nodeName) || []),
          ),
          statuses: [...layer2.values()].flatMap(understood),
        })
      : { compared: 0, others: [] };
    const changes = this.#changes.set(taken.changes, now);
    const elections = this.#elections.set(others, now);
    this.#tell(changes, elections);
    this.#tellChoices(chosen);
    const choices = [...chosen.map((one) => ({ ...one, since: now.wall })), ...(this.#report.choices ?? [])];
    const notCompared = layer2.synced ? undefined : (layer2.lastError ?? "no answer yet");
    this.#report = {
      comparedAt: now.wall,
      services: taken.services,
      changes: changes.lasting,
      choices: choices.slice(0, choicesMax),
      elections: compared,
      otherAnnouncers: elections.lasting,
      ...(notCompared !== undefined && { notCompared }),
    };
    changed();
    this.#restMs = Math.max(settleMs, (clock.steady() - now.steady) * restShare);
    if (changes.isRipening || elections.isRipening) this.#schedule(this.#restMs);
  }

  /** The report has all of them; the log of one comparison has an end. */
  #tell(changes: Lasted<Change>, elections: Lasted<OtherAnnouncer>): void {
    const { log } = this.#parts;
    // Of a MetalLB that wrote no annotation yet these are all Services: no news of any single one.
    const recorded = changes.begun.filter(({ kind }) => kind === "records").length;
    if (recorded > 0)
      log.info("shadow: would record the pool of Services that keep their address", { recorded });
    const begun = changes.begun.filter(({ kind }) => kind !== "records");
    for (const { service, kind, has, wants, why } of begun.slice(0, linesMax)) {
      log.warn("shadow: would decide otherwise", {
        service,
        change: kind,
        has: has.addresses,
        wants: wants.addresses,
        hasPool: has.pool,
        wantsPool: wants.pool,
        why: why && reasonText(why),
      });
    }
    for (const { service, kind } of changes.ended.slice(0, linesMax)) {
      log.info("shadow: decides the same again", { service, change: kind });
    }
    for (const { service, has, wants, why } of elections.begun.slice(0, linesMax)) {
      log.warn("shadow: would elect another announcer", { service, has, wants, why: why && reasonText(why) });
    }
    for (const { service } of elections.ended.slice(0, linesMax))
      log.info("shadow: elects the same again", { service });
  }

  #tellChoices(chosen: readonly Omit<Change, "kind">[]): void {
    for (const { service, has, wants, why } of chosen.slice(0, linesMax)) {
      this.#parts.log.info("shadow: would have chosen another address; the one it has stays", {
        service,
        has: has.addresses,
        wants: wants.addresses,
        hasPool: has.pool,
        wantsPool: wants.pool,
        why: why && reasonText(why),
      });
    }
  }
}

/** An object without the labels that say whose it is, MetalLB passes over as well. */
function understood(object: KubeObject): ServiceL2StatusView[] {
  try {
    return [serviceL2StatusView(object)];
  } catch {
    return [];
  }
}
