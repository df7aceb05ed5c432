import type { PathAccessPort, PathVerdict } from "../ports/access.ts";
import { RateLimit } from "./rate_limit.ts";
import { isPlausible, tokenDigest } from "./token_check.ts";

export type GuardVerdict =
  | PathVerdict
  /** Too many failures from there; another try is allowed after `retryAfterMs`. */
  | { code: "limited"; retryAfterMs: number }
  /** The API server could not be asked. */
  | { code: "away" };

/** A token that was revoked opens nothing for longer than this; with a scrape each 30 s every second one asks. */
const allowedMs = 60_000;
/** Who was just given the right does not wait for it. */
const refusedMs = 10_000;
const rememberedMax = 1_000;

/** Asks the API server who may read a path, and remembers its answers for a while: scrapers come every few seconds. */
export class PathGuard {
  readonly #access: PathAccessPort;
  readonly #failures = new RateLimit({ capacity: 10, refillMs: 6_000, keysMax: 10_000 });
  /** By path and digest of the token, the oldest first. */
  readonly #remembered = new Map<string, { verdict: PathVerdict; until: number }>();
  /** Questions under way: requests that come together with one token ask once. */
  readonly #asking = new Map<string, Promise<GuardVerdict>>();

  constructor(access: PathAccessPort) {
    this.#access = access;
  }

  /** `from` is who asks, for the limit of failures; `now` is monotonic, in ms. */
  async check(token: string, path: string, from: string, now: number): Promise<GuardVerdict> {
    if (!isPlausible(token)) return { code: "unauthenticated" };
    const key = `${path} ${tokenDigest(token)}`;
    const known = this.#remembered.get(key);
    if (known && now < known.until) return known.verdict;
    const asking = this.#asking.get(key) ?? this.#ask(token, path, from, now);
    this.#asking.set(key, asking);
    const verdict = await asking.finally(() => this.#asking.delete(key));
    if (verdict.code === "limited" || verdict.code === "away") return verdict;
    this.#remember(key, { verdict, until: now + (verdict.code === "allowed" ? allowedMs : refusedMs) });
    return verdict;
  }

  async #ask(token: string, path: string, from: string, now: number): Promise<GuardVerdict> {
    const retryAfterMs = this.#failures.take(from, now);
    if (retryAfterMs > 0) return { code: "limited", retryAfterMs };
    const verdict = await this.#access.judge(token, path).catch(() => ({ code: "away" }) as const);
    // Nor may anybody make us ask an API server that is away as often as he likes.
    if (verdict.code === "allowed" || verdict.code === "forbidden") this.#failures.refund(from);
    return verdict;
  }

  #remember(key: string, entry: { verdict: PathVerdict; until: number }): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, entry);
    if (this.#remembered.size <= rememberedMax) return;
    const oldest = this.#remembered.keys().next();
    if (!oldest.done) this.#remembered.delete(oldest.value);
  }
}
