/**
 * The four ways of PATCH: JSON patch (RFC 6902), JSON merge patch (RFC 7386), Kubernetes' strategic merge patch, and
 * server-side apply. Each takes an object that it may change and returns the result.
 *
 * ```ts
 * applyMergePatch({ a: { b: 1, c: 2 } }, { a: { b: null } }); // { a: { c: 2 } }
 * ```
 */
export { applyJsonPatch } from "./json_patch.ts";
export { isSameOwnership, type Writer } from "./managers.ts";
export { applyMergePatch } from "./merge_patch.ts";
export { applyConfiguration } from "./server_side_apply.ts";
export { applyStrategicMerge } from "./strategic_merge.ts";
export { trackUpdate } from "./track_update.ts";
