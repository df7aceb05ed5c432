/** Questions that the API answers and does not keep: who is this, may he, and what may he. */
export type { Authorizer } from "./access.ts";
export type { ReviewKind } from "./review_kind.ts";
export { reviewKinds } from "./reviews.ts";
