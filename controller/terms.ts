import { type Caches, whenComplete } from "./caches.ts";
import { fence } from "./fence.ts";
import type { Leadership } from "./leadership.ts";
import { Term, type TermParts } from "./term.ts";

interface Parts extends Omit<TermParts, "client"> {
  leadership: Leadership;
  /** Of the whole controller. */
  signal: AbortSignal;
}

/**
 * Turns a standby into the leader and back. Before the first decision of a term every copy that decides about
 * addresses comes from a list that began after the Lease was taken: the former leader had stopped by then, so that list
 * shows its last write (docs/decisions/011-two-controllers.md).
 */
export class Terms {
  readonly #parts: Parts;
  #current: Term | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Undefined: this replica does not decide. */
  get current(): Term | undefined {
    return this.#current;
  }

  run(): void {
    const { caches, leadership } = this.#parts;
    const complete = whenComplete(caches);
    void complete.then(() => !leadership.leads && this.#stand());
    leadership.onTerm((ending, since) => void this.#lead(ending, since, complete));
  }

  async #lead(ending: AbortSignal, since: number, complete: Promise<void>): Promise<void> {
    const { leadership, configuration, options, log, caches, clock, signal } = this.#parts;
    const startedAt = clock.steady();
    const term = new Term({ ...this.#parts, client: leadership.client }, ending);
    ending.addEventListener("abort", () => {
      this.#current = undefined;
      void complete.then(() => !leadership.leads && this.#stand());
    });
    await complete;
    if (ending.aborted) return;
    await Promise.race([fresh(caches, since), aborted(ending)]);
    if (ending.aborted || signal.aborted) return;
    const mark = options.isWebhookOnly ? undefined : leadership.fence;
    if (mark !== undefined) {
      const { loadBalancerClass } = options;
      const { services } = caches;
      await fence(
        { client: leadership.client, services, loadBalancerClass, log, clock, signal: ending },
        mark,
      );
      if (ending.aborted || signal.aborted) return;
    }
    this.#current = term;
    const wasJudged = configuration.config !== undefined;
    configuration.start();
    if (wasJudged) configuration.tellAgain();
    term.tellState();
    if (options.isWebhookOnly) return;
    term.allocate(ending);
    log.info("caches complete, allocating", {
      services: caches.services.size,
      pools: caches.pools.size,
      afterMs: Math.round(clock.steady() - startedAt),
    });
  }

  #stand(): void {
    const { configuration, allocation, options, signal } = this.#parts;
    if (signal.aborted) return;
    configuration.start();
    if (!options.isWebhookOnly) allocation.follow();
  }
}

/** Who holds what, which pools there are, and whom they serve. Namespaces may be refused without stopping anything. */
async function fresh({ services, pools, namespaces }: Caches, since: number): Promise<void> {
  await Promise.all([
    services.freshSince(since),
    pools.freshSince(since),
    ...(namespaces.synced ? [namespaces.freshSince(since)] : []),
  ]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
