import type { Config } from "#core/config/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import {
  type Clock,
  createInformer,
  type EndpointIndex,
  type Informer,
  type KubeClient,
  type Logger,
  resources,
  type ServiceL2StatusView,
  serviceL2StatusView,
} from "#k8s/mod.ts";
import type { ShadowReport } from "#server/ports.ts";
import { type Caches, onAnyChange } from "../caches.ts";
import { compareElections } from "./elections.ts";
import { type Lasted, Lasting } from "./lasting.ts";
import { takeover } from "./takeover.ts";

interface Parts {
  caches: Caches;
  endpoints: Pick<EndpointIndex, "of">;
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

/**
 * Compares, after every change, what the cluster shows with what a controller would do that took over now, and who
 * announces with who would be elected. It writes nothing; each difference is one line in the log when it has lasted,
 * and one when it is over.
 */
export class Shadow {
  readonly #parts: Parts;
  readonly #statuses: Informer<ServiceL2StatusView>;
  readonly #changes: Lasting<Change>;
  readonly #elections: Lasting<OtherAnnouncer>;
  #report: ShadowReport = { services: 0, changes: [], elections: 0, otherAnnouncers: [] };
  #isStarted = false;
  #cancel: (() => void) | undefined;
  /** Until the next comparison, at least. */
  #restMs = settleMs;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { caches, client, namespace, log, signal, clock } = parts;
    this.#statuses = createInformer(client, {
      resource: resources.serviceL2Statuses,
      namespace,
      project: serviceL2StatusView,
      log,
      signal,
      clock,
    });
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
    onAnyChange(this.#statuses, mark);
  }

  get report(): ShadowReport {
    return this.#report;
  }

  /** Every list is complete. */
  start(): void {
    this.#isStarted = true;
    this.#parts.log.info("shadow: looking on, writing nothing");
    this.#schedule(0);
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
    const { caches, endpoints, loadBalancerClass, clock, changed } = this.#parts;
    const config = this.#parts.config();
    if (!config) return;
    const now = { wall: clock.now(), steady: clock.steady() };
    const accepted = new Set(config.pools.map(({ name }) => name));
    const present = [...caches.pools.values()].map(({ metadata }) => metadata.name);
    const services = [...caches.services.values()];
    const taken = takeover({
      services,
      namespaces: caches.namespaces.values(),
      config,
      heldPools: new Set(present.filter((name) => !accepted.has(name))),
      loadBalancerClass,
    });
    const { compared, others } = this.#statuses.synced
      ? compareElections({
          services,
          book: taken.book,
          endpointsOf: (service) => endpoints.of(service),
          config,
          nodes: caches.nodes.values(),
          speakerNodes: new Set(
            [...caches.speakers.values()].flatMap((pod) => (pod.ready && pod.nodeName) || []),
          ),
          statuses: this.#statuses.values(),
        })
      : { compared: 0, others: [] };
    const changes = this.#changes.set(taken.changes, now);
    const elections = this.#elections.set(others, now);
    this.#tell(changes, elections);
    const notCompared = this.#statuses.synced ? undefined : (this.#statuses.lastError ?? "no answer yet");
    this.#report = {
      comparedAt: now.wall,
      services: taken.services,
      changes: changes.lasting,
      elections: compared,
      otherAnnouncers: elections.lasting,
      ...(notCompared !== undefined && { notCompared }),
    };
    changed();
    this.#restMs = Math.max(settleMs, (clock.steady() - now.steady) * restShare);
    if (changes.isRipening || elections.isRipening) this.#schedule(this.#restMs);
  }

  #tell(changes: Lasted<Change>, elections: Lasted<OtherAnnouncer>): void {
    const { log } = this.#parts;
    for (const { service, kind, has, wants, why } of changes.begun) {
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
    for (const { service, kind } of changes.ended) {
      log.info("shadow: decides the same again", { service, change: kind });
    }
    for (const { service, has, wants, why } of elections.begun) {
      log.warn("shadow: would elect another announcer", { service, has, wants, why: why && reasonText(why) });
    }
    for (const { service } of elections.ended) log.info("shadow: elects the same again", { service });
  }
}
