import * as v from "valibot";
import { type KubeClient, resources } from "./types.ts";

export interface ReviewedIdentity {
  username: string;
  groups: string[];
}

export interface TokenReviewerOptions {
  /** How long a positive answer is remembered; 0 asks each time, as a login with one-time tokens must. */
  rememberMs: number;
  now?: () => number;
}

const rememberedMax = 1_000;

const reviewSchema = v.object({
  status: v.object({
    authenticated: v.nullish(v.boolean(), false),
    error: v.nullish(v.string()),
    user: v.nullish(
      v.object({ username: v.nullish(v.string(), ""), groups: v.nullish(v.array(v.string()), []) }),
      {},
    ),
  }),
});

/** Checks bearer tokens by TokenReview (authentication.k8s.io/v1). */
export class TokenReviewer {
  readonly #client: KubeClient;
  readonly #rememberMs: number;
  readonly #now: () => number;
  /** By the token's hash: the tokens themselves are not kept. */
  readonly #remembered = new Map<string, { identity: ReviewedIdentity; until: number }>();

  constructor(client: KubeClient, options: TokenReviewerOptions = { rememberMs: 0 }) {
    this.#client = client;
    this.#rememberMs = options.rememberMs;
    this.#now = options.now ?? Date.now;
  }

  /** Undefined: the token is not valid. Rejects when the API server is away. */
  async authenticate(token: string): Promise<ReviewedIdentity | undefined> {
    if (token === "") return undefined;
    const key = new Bun.CryptoHasher("sha256").update(token).digest("base64");
    const known = this.#remembered.get(key);
    if (known && this.#now() < known.until) return known.identity;
    this.#remembered.delete(key);
    const answer = await this.#client.review(resources.tokenReviews, { spec: { token } });
    const { status } = v.parse(reviewSchema, answer);
    if (!status.authenticated) return undefined;
    const identity = { username: status.user.username ?? "", groups: status.user.groups ?? [] };
    if (this.#rememberMs > 0) this.#remember(key, identity);
    return identity;
  }

  #remember(key: string, identity: ReviewedIdentity): void {
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size < rememberedMax) break;
      this.#remembered.delete(oldest);
    }
    this.#remembered.set(key, { identity, until: this.#now() + this.#rememberMs });
  }
}
