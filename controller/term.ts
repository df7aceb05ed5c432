import {
  type Clock,
  ConfigurationStateWriter,
  EventRecorder,
  type KubeClient,
  type Logger,
} from "#k8s/mod.ts";
import type { Allocation } from "./allocation.ts";
import type { Caches } from "./caches.ts";
import { type Configuration, controllerVerdict } from "./configuration.ts";
import { provideMemberlistSecret } from "./memberlist_secret.ts";
import type { ControllerMetrics } from "./metrics.ts";
import type { ControllerOptions } from "./options.ts";
import { PoolStatusWriter } from "./pool_status.ts";
import { StatusWriter } from "./status_writer.ts";

export interface TermParts {
  /** Of whoever leads. */
  client: KubeClient;
  namespace: string;
  options: ControllerOptions;
  caches: Caches;
  allocation: Allocation;
  configuration: Configuration;
  metrics: ControllerMetrics;
  log: Logger;
  clock: Clock;
}

/** What only the leader does, from the beginning of its term to the end: everything here ends with the term's signal. */
export class Term {
  readonly #parts: TermParts;
  readonly #recorder: EventRecorder;
  readonly #state: ConfigurationStateWriter;
  readonly #poolStatus: PoolStatusWriter;
  #isAllocating = false;

  constructor(parts: TermParts, signal: AbortSignal) {
    this.#parts = parts;
    const { client, namespace, options, caches, allocation, log, clock } = parts;
    const { podName, memberlistSecret } = options;
    const common = { client, log, clock, signal };
    const { book } = allocation;
    this.#recorder = new EventRecorder(client, {
      component: "metallb-controller",
      host: podName,
      ...{ log, clock, signal },
    });
    this.#state = new ConfigurationStateWriter({
      ...common,
      ...{ namespace, podName, component: { type: "controller" } },
    });
    this.#poolStatus = new PoolStatusWriter({
      ...common,
      pools: caches.pools,
      allocator: book.allocator,
      recorded: (pool) => book.recordedIn(pool),
    });
    if (memberlistSecret) void provideMemberlistSecret(memberlistSecret, { ...common, namespace });
  }

  /** Gives addresses from now on. */
  allocate(signal: AbortSignal): void {
    const { allocation, caches, metrics, client, log, clock } = this.#parts;
    const statusWriter = new StatusWriter({
      ...{ client, log, clock, signal },
      services: caches.services,
      decision: (service) => allocation.book.decision(service),
      failed: () => metrics.updateErrors.inc(),
    });
    this.#isAllocating = true;
    allocation.start(statusWriter);
    this.#poolStatus.mark();
  }

  get record(): EventRecorder["record"] {
    return (...event) => this.#recorder.record(...event);
  }

  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  markPools(): void {
    if (this.#isAllocating) this.#poolStatus.mark();
  }

  /** The configuration was judged, or it may have turned out that a kind is not there. */
  tellState(): void {
    const { configuration, caches } = this.#parts;
    if (configuration.config) this.#state.report(controllerVerdict(configuration.ownIssues, caches));
  }
}
