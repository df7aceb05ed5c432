import * as v from "valibot";
import type { Logger } from "./logger.ts";
import { type KubeClient, resources } from "./types.ts";

export type PathAnswer =
  | { code: "allowed" }
  | { code: "unauthenticated" }
  | { code: "forbidden"; username: string };

/** Everything that is known of a user takes part in the second review, as an authorizer may look at it. */
const tokenReview = v.object({
  status: v.object({
    authenticated: v.nullish(v.boolean(), false),
    user: v.nullish(
      v.object({
        username: v.nullish(v.string(), ""),
        uid: v.nullish(v.string(), ""),
        groups: v.nullish(v.array(v.string()), []),
        extra: v.nullish(v.record(v.string(), v.array(v.string())), {}),
      }),
    ),
  }),
});

const accessReview = v.object({ status: v.object({ allowed: v.nullish(v.boolean(), false) }) });

/**
 * Whether the holder of a token may `get` a path that is no resource: TokenReview (authentication.k8s.io/v1), then
 * SubjectAccessReview (authorization.k8s.io/v1). Remembers nothing.
 */
export class PathAccess {
  readonly #client: Pick<KubeClient, "review">;
  readonly #log: Pick<Logger, "warn">;

  constructor(client: Pick<KubeClient, "review">, log: Pick<Logger, "warn">) {
    this.#client = client;
    this.#log = log;
  }

  /** Rejects, and logs why, when the API server is away or does not let this component ask. */
  async judge(token: string, path: string): Promise<PathAnswer> {
    try {
      return await this.#judge(token, path);
    } catch (error) {
      this.#log.warn("cannot ask the API server who may read", { path, error });
      throw error;
    }
  }

  async #judge(token: string, path: string): Promise<PathAnswer> {
    const identified = await this.#client.review(resources.tokenReviews, { spec: { token } });
    const { authenticated, user } = v.parse(tokenReview, identified).status;
    if (!authenticated || !user) return { code: "unauthenticated" };
    const { username, uid, groups, extra } = user;
    const judged = await this.#client.review(resources.subjectAccessReviews, {
      spec: { user: username, uid, groups, extra, nonResourceAttributes: { path, verb: "get" } },
    });
    const { allowed } = v.parse(accessReview, judged).status;
    return allowed ? { code: "allowed" } : { code: "forbidden", username: username ?? "" };
  }
}
