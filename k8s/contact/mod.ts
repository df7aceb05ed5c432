/**
 * How a component stands with the API server: whether it is heard of at all, and what it forbids.
 *
 * ```ts
 * const contact = new ApiContact({ part: "speaker", log, clock, signal, changed: () => {} });
 * const { client, ask } = await connectKubernetes({ userAgent, contact });
 * contact.follow(Object.values(informers), ask);
 * contact.cachedSince; // undefined, or since when what is known is only what was known
 * ```
 */
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ContactListener } from "../transport.ts";
import type { KubeError } from "../types.ts";
import { CachedState, type WatchedCopy } from "./cached_state.ts";
import { type Denial, Denials, type Part } from "./denials.ts";

export type { Denial } from "./denials.ts";
export { effectOf } from "./effects.ts";

interface Options {
  readonly part: Part;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** {@link ApiContact.cachedSince} or {@link ApiContact.denials} is another. */
  changed(): void;
}

type Called = Parameters<ContactListener["denied"]>[0];

export class ApiContact implements ContactListener {
  readonly #cached: CachedState;
  readonly #denials: Denials;

  constructor({ part, log, clock, signal, changed }: Options) {
    this.#denials = new Denials(part, log, clock, changed);
    this.#cached = new CachedState({
      clock,
      signal,
      changed: () => {
        const { cachedSince, problem } = this;
        if (cachedSince === undefined) log.info("the API server is back");
        else
          log.warn("running on cached state", { since: new Date(cachedSince).toISOString(), error: problem });
        changed();
      },
    });
  }

  /** Since when what is known is only what was known, epoch milliseconds; undefined while it is live. */
  get cachedSince(): number | undefined {
    return this.#cached.since;
  }

  get problem(): string | undefined {
    return this.#cached.problem;
  }

  /** The rights that are missing. */
  denials(): Denial[] {
    return this.#denials.list();
  }

  follow(copies: Iterable<WatchedCopy>, ask: () => Promise<unknown>): void {
    this.#cached.follow(copies, ask);
  }

  heard(): void {
    this.#cached.heard();
  }

  denied(called: Called, error: KubeError): void {
    this.#denials.denied(called, error);
  }

  allowed(called: Called): void {
    this.#denials.allowed(called);
  }
}
