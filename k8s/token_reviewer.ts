import { type ReviewedIdentity, reviewAccess } from "./token_access.ts";
import type { KubeClient } from "./types.ts";

export interface TokenReviewerOptions {
  /** How long a positive answer is remembered; 0 asks each time, as a login with one-time tokens must. */
  rememberMs: number;
  now?: () => number;
}

const rememberedMax = 1_000;
/** What console, API and a speaker's state show is about Services of all namespaces. */
const whatIsShown = { resourceAttributes: { group: "", resource: "services", verb: "list" } };

/** Checks bearer tokens, and that whoever holds one may list Services in all namespaces. */
export class TokenReviewer {
  readonly #client: Pick<KubeClient, "review">;
  readonly #rememberMs: number;
  readonly #now: () => number;
  /** By the token's hash: the tokens themselves are not kept. */
  readonly #remembered = new Map<string, { identity: ReviewedIdentity; until: number }>();

  constructor(client: Pick<KubeClient, "review">, options: TokenReviewerOptions = { rememberMs: 0 }) {
    this.#client = client;
    this.#rememberMs = options.rememberMs;
    this.#now = options.now ?? Date.now;
  }

  /** Undefined: the token is not valid; `isForbidden`: it is, and its holder may not. Rejects when the API is away. */
  async authenticate(token: string): Promise<(ReviewedIdentity & { isForbidden?: true }) | undefined> {
    if (token === "") return undefined;
    const key = new Bun.CryptoHasher("sha256").update(token).digest("base64");
    const known = this.#remembered.get(key);
    if (known && this.#now() < known.until) return known.identity;
    this.#remembered.delete(key);
    const answer = await reviewAccess(this.#client, token, whatIsShown);
    if (answer.code === "unauthenticated") return undefined;
    if (answer.code === "forbidden") return { username: answer.username, groups: [], isForbidden: true };
    if (this.#rememberMs > 0) this.#remember(key, answer.identity);
    return answer.identity;
  }

  #remember(key: string, identity: ReviewedIdentity): void {
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size < rememberedMax) break;
      this.#remembered.delete(oldest);
    }
    this.#remembered.set(key, { identity, until: this.#now() + this.#rememberMs });
  }
}
