import { policyAnnotations } from "#core/config/mod.ts";
import type { Allocator } from "#core/ipam/mod.ts";
import {
  backoffMs,
  type Clock,
  type ConfigObject,
  type Informer,
  type KubeClient,
  type Logger,
  resources,
} from "#k8s/mod.ts";
import { poolStatus, replacing } from "./pool_status_fields.ts";

interface Parts {
  client: KubeClient;
  pools: Pick<Informer<ConfigObject>, "values">;
  allocator: Pick<Allocator, "poolUse">;
  /** What the annotation for reservations of Services must be; undefined: absent. */
  recorded(pool: string): string | undefined;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
}

/** Changes within this time become one write a pool. */
const coalesceMs = 500;

/**
 * Keeps what the controller writes into an IPAddressPool: its status, at the allocator's counters. It is written when it
 * differs from what is stored, so that a change made by hand is put right and steady state writes nothing.
 */
export class PoolStatusWriter {
  readonly #parts: Parts;
  #isScheduled = false;
  #isRunning = false;
  #isDue = false;
  #failures = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Something about the pools may have changed. */
  mark(): void {
    this.#schedule(coalesceMs);
  }

  #schedule(delayMs: number): void {
    if (this.#isRunning) this.#isDue = true;
    if (this.#isScheduled || this.#isRunning) return;
    this.#isScheduled = true;
    const { clock, signal } = this.#parts;
    const cancel = clock.after(delayMs, () => {
      this.#isScheduled = false;
      signal.removeEventListener("abort", cancel);
      void this.#run();
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  async #run(): Promise<void> {
    const { clock, log, signal } = this.#parts;
    this.#isRunning = true;
    this.#isDue = false;
    let problem: unknown;
    for (const pool of this.#parts.pools.values()) {
      if (signal.aborted) break;
      try {
        await this.#write(pool);
      } catch (error) {
        problem = error;
      }
    }
    this.#isRunning = false;
    if (signal.aborted) return;
    this.#failures = problem === undefined ? 0 : this.#failures + 1;
    if (this.#failures === 1) log.warn("cannot write the status of a pool", { error: String(problem) });
    if (this.#failures > 0) this.#schedule(Math.max(coalesceMs, backoffMs(this.#failures, clock.random())));
    else if (this.#isDue) this.#schedule(coalesceMs);
  }

  async #write(object: ConfigObject): Promise<void> {
    await this.#writeRecorded(object);
    await this.#writeStatus(object);
  }

  /**
   * Reservations that Services asked for, while they are there to ask (docs/decisions/003-what-pools-remember.md). A key
   * of our own that is in nobody's manifest: tools that apply manifests leave it alone.
   */
  async #writeRecorded({ metadata }: ConfigObject): Promise<void> {
    const { name, namespace, annotations } = metadata;
    if (!this.#parts.allocator.poolUse(name)) return;
    const wanted = this.#parts.recorded(name);
    if (annotations?.[policyAnnotations.recorded] === wanted) return;
    await this.#parts.client.patch(
      resources.ipAddressPools,
      { name, ...(namespace && { namespace }) },
      "merge",
      { metadata: { annotations: { [policyAnnotations.recorded]: wanted ?? null } } },
      { fieldManager: "metallb-controller" },
    );
  }

  async #writeStatus({ metadata, status }: ConfigObject): Promise<void> {
    const use = this.#parts.allocator.poolUse(metadata.name);
    if (!use) return;
    const wanted = poolStatus(use, status, this.#parts.clock.now());
    if (Bun.deepEquals(wanted, status)) return;
    const { name, namespace } = metadata;
    const target = { name, ...(namespace && { namespace }), subresource: "status" as const };
    await this.#parts.client.patch(
      resources.ipAddressPools,
      target,
      "merge",
      { status: replacing(status, wanted) },
      { fieldManager: "metallb-controller" },
    );
  }
}
