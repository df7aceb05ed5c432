/** Questions that the API answers and does not keep: who is this, and may he. */
export type { ReviewKind } from "./review_kind.ts";
export { type Authorizer, reviewKinds } from "./reviews.ts";
