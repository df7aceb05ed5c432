import type { AuthPort, Identity } from "../ports.ts";
import { RateLimit } from "./rate_limit.ts";

export type TokenVerdict =
  | { ok: true; identity: Identity }
  /** The token is not valid. */
  | { ok: false; why: "refused" }
  /** It is, and its holder may not see what is shown. */
  | { ok: false; why: "forbidden"; username: string }
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

  /** For a login, which happens once: asks in any case and remembers nothing, as a one-time token needs it. */
  async checkOnce(token: string, from: string, now: number): Promise<TokenVerdict> {
    if (!isPlausible(token)) return { ok: false, why: "refused" };
    return await this.#ask(token, from, now);
  }

  /** For a request of the API, which may come many times a second. */
  async check(token: string, from: string, now: number): Promise<TokenVerdict> {
    if (!isPlausible(token)) return { ok: false, why: "refused" };
    const digest = tokenDigest(token);
    const known = this.#accepted.get(digest);
    if (known && now - known.at < cacheMs) return { ok: true, identity: known.identity };
    const asking = this.#asking.get(digest) ?? this.#ask(token, from, now);
    this.#asking.set(digest, asking);
    const verdict = await asking.finally(() => this.#asking.delete(digest));
    this.#accepted.delete(digest);
    if (verdict.ok) this.#remember(digest, verdict.identity, now);
    return verdict;
  }

  async #ask(token: string, from: string, now: number): Promise<TokenVerdict> {
    const retryAfterMs = this.#failures.take(from, now);
    if (retryAfterMs > 0) return { ok: false, why: "limited", retryAfterMs };
    const identity = await this.#auth.authenticate(token).catch(() => "away" as const);
    if (identity === "away") return { ok: false, why: "away" };
    if (!identity) return { ok: false, why: "refused" };
    if (identity.isForbidden) return { ok: false, why: "forbidden", username: identity.username };
    this.#failures.refund(from);
    return { ok: true, identity };
  }

  #remember(digest: string, identity: Identity, now: number): void {
    this.#accepted.set(digest, { identity, at: now });
    if (this.#accepted.size <= cacheMax) return;
    const oldest = this.#accepted.keys().next();
    if (!oldest.done) this.#accepted.delete(oldest.value);
  }
}

export function isPlausible(token: string): boolean {
  return token !== "" && token.length <= tokenLengthMax;
}

/** Under which answers about a token are kept: the token itself is not. */
export function tokenDigest(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("base64");
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1). */
export function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +([\w~+/.=-]+)$/i)?.[1];
}
