/**
 * What can be done with objects, whoever asks: over HTTP or in the process. Everything is synchronous, so a read and
 * the write that rests on it are one step; each throws a `StatusError` where a real server would answer one.
 *
 * ```ts
 * const stored = createObject(context, kind, "default", { metadata: { name: "a" } }, {});
 * deleteObject(context, kind, "default", "a");
 * ```
 */
export { type ApiContext, timestamp, type WriteOptions } from "./context.ts";
export { createObject } from "./create.ts";
export { decodeCopy, encode, fromStored, toStored } from "./encode.ts";
export { listObjects, type Selection, selectionOf } from "./list.ts";
export { type Page, type PageRequest, Pager } from "./pager.ts";
export { type PatchKind, type PatchOptions, patchObject } from "./patch.ts";
export {
  type DeleteOptions,
  type Deletion,
  deleteObject,
  foregroundFinalizer,
  orphanFinalizer,
} from "./remove.ts";
export { scaleOf, updateScale } from "./scale.ts";
export { type UpdateTarget, updateObject } from "./update.ts";
export { finalizersOf } from "./validate.ts";
