import type { RulesOf } from "../authorization/mod.ts";
import { record, text } from "../object.ts";
import { builtInSchema } from "../schema/mod.ts";
import { badRequest } from "../status_error.ts";
import type { Users } from "../users.ts";
import { type Authorizer, attributesOf, localAttributesOf, subjectOf } from "./access.ts";
import type { ReviewKind } from "./review_kind.ts";
import { rulesStatus } from "./rules_review.ts";

const authentication = { group: "authentication.k8s.io", version: "v1", namespaced: false };
const authorization = { group: "authorization.k8s.io", version: "v1", namespaced: false };

/** Token reviews, self reviews, access reviews and reviews of rules. */
export function reviewKinds(users: Users, authorize: Authorizer, rulesOf: RulesOf): ReviewKind[] {
  return [
    {
      ...authentication,
      ...names("TokenReview"),
      answer(review) {
        const spec = record(review, "spec");
        const token = text(spec, "token");
        if (token === "") throw badRequest("token is required for TokenReview in authentication");
        const found = users.review(token, texts(spec.audiences));
        if (found === undefined) return { authenticated: false, error: "invalid bearer token", user: {} };
        return { authenticated: true, ...found };
      },
    },
    { ...authentication, ...names("SelfSubjectReview"), answer: (_, user) => ({ userInfo: user }) },
    {
      ...authorization,
      ...names("SelfSubjectAccessReview"),
      answer: (review, user) => ({
        ...authorize(user, attributesOf("SelfSubjectAccessReview", record(review, "spec"))),
      }),
    },
    {
      ...authorization,
      ...names("SubjectAccessReview"),
      answer(review) {
        const spec = record(review, "spec");
        const attributes = attributesOf("SubjectAccessReview", spec);
        return { ...authorize(subjectOf("SubjectAccessReview", spec), attributes) };
      },
    },
    {
      ...authorization,
      ...names("LocalSubjectAccessReview"),
      namespaced: true,
      answer(review, _, namespace) {
        const spec = record(review, "spec");
        const attributes = localAttributesOf(spec, namespace);
        return { ...authorize(subjectOf("LocalSubjectAccessReview", spec), attributes) };
      },
    },
    {
      ...authorization,
      ...names("SelfSubjectRulesReview"),
      answer(review, user) {
        const namespace = text(record(review, "spec"), "namespace");
        if (namespace === "") throw badRequest("no namespace on request");
        return rulesStatus(rulesOf(user, namespace));
      },
    },
  ];
}

function names(kind: string) {
  const singular = kind.toLowerCase();
  return { kind, singular, plural: `${singular}s`, schema: builtInSchema(`V1${kind}`) };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
