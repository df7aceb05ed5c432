import * as v from "valibot";
import { type KubeClient, type KubeObject, resources } from "./types.ts";

export interface ReviewedIdentity {
  username: string;
  groups: string[];
}

/** What is asked for: a resource, or a path that is none (authorization.k8s.io/v1 SubjectAccessReviewSpec). */
export type AccessAttributes =
  | { nonResourceAttributes: { path: string; verb: string } }
  | { resourceAttributes: { group: string; resource: string; verb: string; namespace?: string } };

export type AccessAnswer =
  | { code: "allowed"; identity: ReviewedIdentity }
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
 * Whose the token is (TokenReview, authentication.k8s.io/v1), and whether its holder may (SubjectAccessReview,
 * authorization.k8s.io/v1). Rejects when the API server is away or does not let this component ask.
 */
export async function reviewAccess(
  client: Pick<KubeClient, "review">,
  token: string,
  attributes: AccessAttributes,
): Promise<AccessAnswer> {
  const identified = await client.review(resources.tokenReviews, { spec: { token } });
  const { authenticated, user } = v.parse(tokenReview, identified).status;
  if (!authenticated || !user) return { code: "unauthenticated" };
  const username = user.username ?? "";
  const groups = user.groups ?? [];
  const { uid, extra } = user;
  const spec = { user: username, uid, groups, extra, ...attributes };
  const judged: KubeObject = await client.review(resources.subjectAccessReviews, { spec });
  const { allowed } = v.parse(accessReview, judged).status;
  return allowed ? { code: "allowed", identity: { username, groups } } : { code: "forbidden", username };
}
