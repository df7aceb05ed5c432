import type { Config } from "#core/config/mod.ts";
import { type Decision, ServiceBook, type ServiceEvent, serviceKey } from "#core/service/mod.ts";
import type { Clock, EventRecorder, Logger } from "#k8s/mod.ts";
import type { Caches } from "./caches.ts";
import type { StatusWriter } from "./status_writer.ts";

/** Who carries decisions into the cluster. */
type Writer = Pick<StatusWriter, "enqueue" | "forget">;

interface Parts {
  caches: Pick<Caches, "services" | "namespaces">;
  loadBalancerClass: string;
  recorder: Pick<EventRecorder, "record">;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  /** The controller's own namespace, whose events tell of what concerns all pools. */
  namespace: string;
  /** Something was decided, by the event that says so. */
  decided(decision: Decision): void;
  /** A Service was added, changed or removed, whether or not that decided anything. */
  touched(service: string): void;
  /** Measures one call of the book. */
  timed<T>(work: () => T): T;
}

/**
 * A CRD that is deleted takes its objects one by one, within moments; a cluster's tools that bring them back may take
 * longer. Meanwhile whoever has an address keeps it.
 */
const missingPools = { removalGraceMs: 500, returnGraceMs: 60_000 };

/** setTimeout takes no more: 2^31 - 1 ms. A later deadline is looked at again then. */
const timerMsMax = 2_147_483_647;

/**
 * Drives the {@link ServiceBook}: tells it what happened and carries out what it decides. It starts in two phases:
 * what Services hold is registered as it is listed, and nothing is given away before the lists are complete.
 */
export class Allocation {
  readonly book: ServiceBook;
  readonly #parts: Parts;
  #writer: Writer | undefined;
  /** All lists are complete: what is here is shown. */
  #isComplete = false;
  /** The one timer, for the book's next deadline. */
  #timer: { at: number; cancel: () => void } | undefined;
  #wasHolding = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { loadBalancerClass, caches } = parts;
    this.book = new ServiceBook({
      missingPools,
      ...(loadBalancerClass !== "" && { loadBalancerClass }),
    });
    parts.signal.addEventListener("abort", () => this.#timer?.cancel(), { once: true });
    caches.namespaces.subscribe({
      changed: (after) => this.#run(() => this.book.setNamespace(after.name, after.labels)),
      removed: (before) => this.#run(() => this.book.setNamespace(before.name, undefined)),
    });
    caches.services.subscribe({
      changed: (after) => {
        this.#run(() => this.book.upsert(after));
        if (this.#isComplete) parts.touched(serviceKey(after));
      },
      removed: (before) => {
        const key = serviceKey(before);
        this.#writer?.forget(key);
        this.#run(() => this.book.remove(key));
        if (this.#isComplete) parts.touched(key);
      },
    });
  }

  setPools(config: Config, heldPools: ReadonlySet<string>): void {
    this.#run(() => this.book.setPools(config.pools, heldPools));
  }

  /** All lists are complete: decide for every Service, and from now on after each change. */
  start(writer: Writer): void {
    this.#isComplete = true;
    this.#writer = writer;
    this.#run(() => this.book.startAllocating());
  }

  /** All lists are complete, and another decides: show what Services hold. What was decided here and not written is void. */
  follow(): void {
    this.#isComplete = true;
    this.#writer = undefined;
    this.#run(() => this.book.follow());
    for (const view of this.#parts.caches.services.values()) this.#parts.touched(serviceKey(view));
  }

  #run(work: () => Decision[]): void {
    const { timed, clock } = this.#parts;
    const decisions = timed(() => [...this.book.tick(clock.steady()), ...work()]);
    // While it adopts, the book only registers; what it then decides is decided for every Service at the start.
    if (this.#writer) for (const decision of decisions) this.#carryOut(decision);
    this.#arm();
    this.#tellOfHolding();
  }

  /** Sets the timer where the next deadline is another than it waits for. */
  #arm(): void {
    const { clock, signal } = this.#parts;
    const at = this.book.nextDeadline();
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined || signal.aborted) return;
    const delayMs = Math.min(timerMsMax, Math.max(0, at - clock.steady()));
    const cancel = clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#run(() => []);
    });
    this.#timer = { at, cancel };
  }

  #tellOfHolding(): void {
    const { isHolding } = this.book;
    if (isHolding === this.#wasHolding || !this.#writer) return;
    this.#wasHolding = isHolding;
    const { log, recorder, namespace } = this.#parts;
    const words = isHolding
      ? "All IPAddressPools vanished. Services keep the addresses they have, and none is given out, until a pool is created. To release them on purpose, annotate the last pool with metallb.io/on-removal: release before deleting it"
      : "There are IPAddressPools again: Services keep what lies in them";
    log[isHolding ? "error" : "info"](words);
    const about = { apiVersion: "v1", kind: "Namespace", name: namespace };
    recorder.record(
      about,
      isHolding ? "Warning" : "Normal",
      isHolding ? "AllPoolsVanished" : "PoolsBack",
      words,
    );
  }

  #carryOut(decision: Decision): void {
    for (const event of decision.events) this.#record(decision.service, event);
    if (decision.needsWrite) this.#writer?.enqueue(decision.service);
    this.#parts.decided(decision);
  }

  #record(service: string, { type, reason, message }: ServiceEvent): void {
    const { caches, recorder, log } = this.#parts;
    const view = caches.services.get(service);
    if (!view) return;
    const { namespace, name, uid } = view;
    log[type === "Warning" ? "warn" : "info"](message, { event: reason, service });
    recorder.record({ apiVersion: "v1", kind: "Service", namespace, name, uid }, type, reason, message);
  }
}
