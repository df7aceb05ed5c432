import { type Attributes, reviewedAttributes, type Verdict } from "../authorization/mod.ts";
import { record, text } from "../object.ts";
import { builtInSchema } from "../schema/mod.ts";
import { badRequest } from "../status_error.ts";
import type { User, Users } from "../users.ts";
import type { ReviewKind } from "./review_kind.ts";

/** Decides whether a user may do what is asked. */
export type Authorizer = (user: User, attributes: Attributes) => Verdict;

const authentication = { group: "authentication.k8s.io", version: "v1", namespaced: false };
const authorization = { group: "authorization.k8s.io", version: "v1", namespaced: false };

/** Token reviews, self reviews and access reviews. */
export function reviewKinds(users: Users, authorize: Authorizer): ReviewKind[] {
  return [
    {
      ...authentication,
      ...names("TokenReview"),
      answer(review) {
        const token = text(record(review, "spec"), "token");
        if (token === "") throw badRequest("token is required for TokenReview in authentication");
        const user = users.review(token);
        if (user === undefined) return { authenticated: false, error: "the token is not valid", user: {} };
        const audiences = record(review, "spec").audiences;
        return { authenticated: true, user, ...(Array.isArray(audiences) ? { audiences } : {}) };
      },
    },
    { ...authentication, ...names("SelfSubjectReview"), answer: (_, user) => ({ userInfo: user }) },
    {
      ...authorization,
      ...names("SelfSubjectAccessReview"),
      answer: (review, user) => ({ ...authorize(user, attributesOf(review)) }),
    },
    {
      ...authorization,
      ...names("SubjectAccessReview"),
      answer(review) {
        const spec = record(review, "spec");
        const groups = Array.isArray(spec.groups) ? spec.groups.map(String) : [];
        const username = text(spec, "user");
        if (username === "" && groups.length === 0) {
          throw badRequest('spec.user: Invalid value: "": at least one of user or group must be specified');
        }
        return { ...authorize({ username, groups }, attributesOf(review)) };
      },
    },
  ];
}

function names(kind: string) {
  const singular = kind.toLowerCase();
  return { kind, singular, plural: `${singular}s`, schema: builtInSchema(`V1${kind}`) };
}

function attributesOf(review: Record<string, unknown>): Attributes {
  const attributes = reviewedAttributes(record(review, "spec"));
  if (attributes) return attributes;
  throw badRequest("spec: exactly one of nonResourceAttributes or resourceAttributes must be specified");
}
