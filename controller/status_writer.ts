import {
  type Decision,
  onRemovalAnnotation,
  poolAnnotation,
  takenOverAnnotation,
} from "#core/service/mod.ts";
import {
  backoffMs,
  type Clock,
  type Informer,
  isOlderVersion,
  type KubeClient,
  KubeError,
  type Logger,
  resources,
  type VersionedService,
} from "#k8s/mod.ts";

interface Parts {
  client: KubeClient;
  services: Pick<Informer<VersionedService>, "get">;
  /** What the Service must be, as decided last. */
  decision(service: string): Decision | undefined;
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  failed(): void;
}

/** What a busy API server takes from one client without queueing. */
export const writersMax = 8;

/**
 * Brings status and annotation of Services to what was decided, with one PATCH of services/status each. It carries the
 * resourceVersion it was decided upon, so that somebody else's change in between is a conflict and not undone. Failed
 * writes are retried with bounded backoff, always with the decision of that moment.
 */
export class StatusWriter {
  readonly #parts: Parts;
  readonly #due = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, { count: number; cancel: () => void }>();
  /** resourceVersion of our last write, until the watch has shown it: an older copy must not be written upon. */
  readonly #written = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Services whose write is due, under way or waiting for another try. */
  get pending(): number {
    return this.#due.size + this.#busy.size + this.#failures.size;
  }

  enqueue(service: string): void {
    if (this.#busy.has(service)) {
      this.#again.add(service);
      return;
    }
    this.#failures.get(service)?.cancel();
    this.#due.add(service);
    this.#pump();
  }

  /** The Service is gone. */
  forget(service: string): void {
    this.#failures.get(service)?.cancel();
    this.#failures.delete(service);
    this.#written.delete(service);
    this.#due.delete(service);
  }

  #pump(): void {
    for (const service of this.#due) {
      if (this.#busy.size >= writersMax || this.#parts.signal.aborted) return;
      this.#due.delete(service);
      this.#busy.add(service);
      this.#write(service).finally(() => {
        this.#busy.delete(service);
        if (this.#again.delete(service)) this.enqueue(service);
        else this.#pump();
      });
    }
  }

  async #write(service: string): Promise<void> {
    const { services, decision: decide, client, log } = this.#parts;
    const decision = decide(service);
    const seen = services.get(service);
    if (!decision?.needsWrite || !seen) return this.#settle(service);
    const written = this.#written.get(service);
    // The watch will show our own write, and ask again if that is not enough.
    if (written !== undefined && isOlderVersion(seen.resourceVersion, written)) return this.#settle(service);
    this.#written.delete(service);
    const { namespace, name } = seen;
    try {
      const answer = await client.patch(
        resources.services,
        { namespace, name, subresource: "status" },
        "merge",
        statusPatch(decision, seen),
        { fieldManager: "metallb-controller" },
      );
      const { resourceVersion } = answer.metadata;
      if (resourceVersion && services.get(service)) this.#written.set(service, resourceVersion);
      log.info("service updated", { service, ips: decision.addresses, pool: decision.pool });
      this.#settle(service);
    } catch (error) {
      this.#fail(service, error);
    }
  }

  #settle(service: string): void {
    this.#failures.delete(service);
  }

  #fail(service: string, error: unknown): void {
    const { log, clock, signal, failed } = this.#parts;
    if (signal.aborted) return;
    if (error instanceof KubeError && error.code === 404) {
      this.#settle(service);
      return;
    }
    const count = (this.#failures.get(service)?.count ?? 0) + 1;
    const isConflict = error instanceof KubeError && error.code === 409;
    if (isConflict) log.debug("service changed meanwhile, deciding again", { service });
    else {
      failed();
      log.warn("cannot update service", { service, attempt: count, error: String(error) });
    }
    const retryAfterMs = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    const delayMs = Math.max(backoffMs(count, clock.random()), retryAfterMs);
    const cancel = clock.after(delayMs, () => {
      this.#due.add(service);
      this.#pump();
    });
    this.#failures.set(service, { count, cancel });
  }
}

/** RFC 7396: null removes. An empty ingress list and none are the same; `ipMode` is the API server's to fill in. */
function statusPatch(decision: Decision, seen: VersionedService): object {
  const pool = decision.addresses.length > 0 ? decision.pool : undefined;
  const wanted = {
    [poolAnnotation]: pool,
    [onRemovalAnnotation]: decision.outlivesPool ? "keep" : undefined,
    [takenOverAnnotation]: undefined,
  };
  const changed = Object.entries(wanted).filter(([name, value]) => seen.annotations[name] !== value);
  const annotations = Object.fromEntries(changed.map(([name, value]) => [name, value ?? null]));
  return {
    metadata: {
      resourceVersion: seen.resourceVersion,
      ...(changed.length > 0 && { annotations }),
    },
    status: {
      loadBalancer: {
        ingress: decision.addresses.length > 0 ? decision.addresses.map((ip) => ({ ip })) : null,
      },
    },
  };
}
