import type { Config } from "#core/config/mod.ts";
import { type Decision, ServiceBook, type ServiceEvent, serviceKey } from "#core/service/mod.ts";
import type { EventRecorder, Logger } from "#k8s/mod.ts";
import type { Caches } from "./caches.ts";
import type { StatusWriter } from "./status_writer.ts";

interface Parts {
  caches: Pick<Caches, "services" | "namespaces">;
  loadBalancerClass: string;
  recorder: Pick<EventRecorder, "record">;
  log: Logger;
  /** Something was decided, by the event that says so. */
  decided(decision: Decision): void;
  /** A Service was added, changed or removed, whether or not that decided anything. */
  touched(service: string): void;
  /** Measures one call of the book. */
  timed<T>(work: () => T): T;
}

/**
 * Drives the {@link ServiceBook}: tells it what happened and carries out what it decides. It starts in two phases:
 * what Services hold is registered as it is listed, and nothing is given away before the lists are complete.
 */
export class Allocation {
  readonly book: ServiceBook;
  readonly #parts: Parts;
  #writer: StatusWriter | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { loadBalancerClass, caches } = parts;
    this.book = new ServiceBook(loadBalancerClass === "" ? {} : { loadBalancerClass });
    caches.namespaces.subscribe({
      changed: (after) => this.#run(() => this.book.setNamespace(after.name, after.labels)),
      removed: (before) => this.#run(() => this.book.setNamespace(before.name, undefined)),
    });
    caches.services.subscribe({
      changed: (after) => {
        this.#run(() => this.book.upsert(after));
        if (this.#writer) parts.touched(serviceKey(after));
      },
      removed: (before) => {
        const key = serviceKey(before);
        this.#writer?.forget(key);
        this.#run(() => this.book.remove(key));
        if (this.#writer) parts.touched(key);
      },
    });
  }

  setPools(config: Config, heldPools: ReadonlySet<string>): void {
    this.#run(() => this.book.setPools(config.pools, heldPools));
  }

  /** All lists are complete: decide for every Service, and from now on after each change. */
  start(writer: StatusWriter): void {
    this.#writer = writer;
    this.#run(() => this.book.startAllocating());
  }

  #run(work: () => Decision[]): void {
    const decisions = this.#parts.timed(work);
    // While it adopts, the book only registers; what it then decides is decided for every Service at the start.
    if (this.#writer) for (const decision of decisions) this.#carryOut(decision);
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
