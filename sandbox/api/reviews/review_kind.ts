import type { Schema } from "../schema/mod.ts";
import type { User } from "../users.ts";

/** A resource that stores nothing: it answers the object that is posted to it. */
export interface ReviewKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly schema: Schema;
  /** The status of the answer to `review`, asked by `user`; `namespace` is that of the URL, "" where it has none. */
  answer(review: Record<string, unknown>, user: User, namespace: string): Record<string, unknown>;
}
