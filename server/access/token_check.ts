import type { AuthPort, Identity } from "../ports.ts";
import { RateLimit } from "./rate_limit.ts";

export type TokenVerdict =
  | { ok: true; identity: Identity }
  /** The token is not valid. */
  | { ok: false; why: "refused" }
  /** Too many failures from there; another try is allowed after `retryAfterMs`. */
  | { ok: false; why: "limited"; retryAfterMs: number }
  /** The API server could not be asked. */
  | { ok: false; why: "away" };

/** A script that polls must not cost the API server one TokenReview per request. */
const cacheMs = 10_000;
const cacheMax = 1_000;
/** Longer than any service account token in use; refused without asking. */
const tokenLengthMax = 16_384;

/** Asks the AuthPort, remembers good answers for seconds, and slows down whoever keeps failing. */
export class TokenCheck {
  readonly #auth: AuthPort;
  readonly #failures = new RateLimit({ capacity: 10, refillMs: 6_000, keysMax: 10_000 });
  readonly #accepted = new Map<string, { identity: Identity; at: number }>();
  /** Questions under way: requests that come together with one token ask once. */
  readonly #asking = new Map<string, Promise<TokenVerdict>>();

  constructor(auth: AuthPort) {
    this.#auth = auth;
  }

  async check(token: string, from: string, now: number): Promise<TokenVerdict> {
    if (token === "" || token.length > tokenLengthMax) return { ok: false, why: "refused" };
    const digest = new Bun.CryptoHasher("sha256").update(token).digest("base64");
    const known = this.#accepted.get(digest);
    if (known && now - known.at < cacheMs) return { ok: true, identity: known.identity };
    const asking = this.#asking.get(digest) ?? this.#ask(token, digest, from, now);
    this.#asking.set(digest, asking);
    return await asking.finally(() => this.#asking.delete(digest));
  }

  async #ask(token: string, digest: string, from: string, now: number): Promise<TokenVerdict> {
    const retryAfterMs = this.#failures.take(from, now);
    if (retryAfterMs > 0) return { ok: false, why: "limited", retryAfterMs };
    const identity = await this.#auth.authenticate(token).catch(() => "away" as const);
    if (identity === "away") return { ok: false, why: "away" };
    if (!identity) {
      this.#accepted.delete(digest);
      return { ok: false, why: "refused" };
    }
    this.#failures.refund(from);
    this.#remember(digest, identity, now);
    return { ok: true, identity };
  }

  #remember(digest: string, identity: Identity, now: number): void {
    this.#accepted.delete(digest);
    this.#accepted.set(digest, { identity, at: now });
    if (this.#accepted.size <= cacheMax) return;
    const oldest = this.#accepted.keys().next();
    if (!oldest.done) this.#accepted.delete(oldest.value);
  }
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
export function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +([\w~+/.=-]+)$/i)?.[1];
}
