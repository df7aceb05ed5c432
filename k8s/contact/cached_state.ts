import type { Clock } from "../clock.ts";
import type { Informer } from "../types.ts";

export type WatchedCopy = Pick<Informer<unknown>, "connected" | "isRefused" | "lastError" | "onConnection">;

interface Options {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** It begins or ends. */
  changed(): void;
}

/** A watch that ends is resumed within a second; what lasts longer is worth a word. */
const graceMs = 5_000;
/** So long nothing was heard: quiet, or a network that lost the server without a word. One small question tells. */
const quietMs = 10_000;

/**
 * Whether the copies of the cluster are live. They are not while a watch that the API server does not refuse cannot be
 * had, nor while the server, long silent, does not answer a question. Only an answer counts as contact.
 */
export class CachedState {
  readonly #options: Options;
  readonly #copies: WatchedCopy[] = [];
  /** By the steady clock: since when each copy is not live. */
  readonly #lostAt = new Map<WatchedCopy, number>();
  #heardAt: number;
  #unansweredSince: number | undefined;
  #silence = "";
  #since: number | undefined;
  #cancelLook: () => void = () => {};

  constructor(options: Options) {
    this.#options = options;
    this.#heardAt = options.clock.steady();
    options.signal.addEventListener("abort", () => this.#cancelLook(), { once: true });
  }

  /** Since when, epoch milliseconds; undefined while the copies are live. */
  get since(): number | undefined {
    const { clock } = this.#options;
    return this.#since === undefined
      ? undefined
      : Math.round(clock.now() + Math.min(0, this.#since - clock.steady()));
  }

  /** Why, in words. */
  get problem(): string | undefined {
    const lost = this.#copies.find((copy) => isLost(copy));
    return lost?.lastError ?? (this.#unansweredSince === undefined ? undefined : this.#silence);
  }

  /** The API server said something. */
  heard(): void {
    this.#heardAt = this.#options.clock.steady();
    if (this.#unansweredSince === undefined) return;
    this.#unansweredSince = undefined;
    this.#judge();
  }

  /** From now on these count. `ask` is asked when nothing was heard for long, and rejects without an answer. */
  follow(copies: Iterable<WatchedCopy>, ask: () => Promise<unknown>): void {
    for (const copy of copies) {
      this.#copies.push(copy);
      this.#note(copy);
      copy.onConnection(() => this.#note(copy));
    }
    this.#askWhenQuiet(ask);
  }

  #note(copy: WatchedCopy): void {
    if (!isLost(copy)) this.#lostAt.delete(copy);
    else if (!this.#lostAt.has(copy)) this.#lostAt.set(copy, this.#options.clock.steady());
    this.#judge();
  }

  #judge(): void {
    const { clock, signal, changed } = this.#options;
    this.#cancelLook();
    // A copy may have been refused since, which is an answer.
    for (const copy of this.#lostAt.keys()) if (!isLost(copy)) this.#lostAt.delete(copy);
    const now = clock.steady();
    const earliest = Math.min(this.#unansweredSince ?? Number.POSITIVE_INFINITY, ...this.#lostAt.values());
    const isCached = now - earliest >= graceMs;
    if (Number.isFinite(earliest) && !isCached && !signal.aborted)
      this.#cancelLook = clock.after(earliest + graceMs - now, () => this.#judge());
    const since = isCached ? earliest : undefined;
    const isNews = (since === undefined) !== (this.#since === undefined);
    this.#since = since;
    if (isNews) changed();
  }

  #askWhenQuiet(ask: () => Promise<unknown>): void {
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    const quiet = clock.steady() - this.#heardAt;
    // Spread, so that a thousand speakers of a quiet cluster do not ask together.
    const waitMs = Math.max(graceMs, quietMs - quiet) + clock.random() * graceMs;
    const cancel = clock.after(waitMs, () => {
      signal.removeEventListener("abort", cancel);
      if (clock.steady() - this.#heardAt < quietMs) this.#askWhenQuiet(ask);
      else void this.#ask(ask).then(() => this.#askWhenQuiet(ask));
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  async #ask(ask: () => Promise<unknown>): Promise<void> {
    const quietSince = this.#heardAt;
    let problem: unknown;
    try {
      await ask();
      this.heard();
    } catch (error) {
      problem = error;
    }
    if (this.#heardAt !== quietSince || this.#options.signal.aborted) return;
    this.#unansweredSince ??= quietSince;
    this.#silence = problem instanceof Error ? problem.message : String(problem);
    this.#judge();
  }
}

/** Without an answer, that is; a refusal is one. */
function isLost({ connected, isRefused }: WatchedCopy): boolean {
  return !connected && !isRefused;
}
