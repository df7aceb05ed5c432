/**
 * BGPPeer between v1beta1 and v1beta2 without loss: what one version cannot say is kept in an annotation and restored
 * on the way back, unless the object was edited to say otherwise. A zero timer of v1beta1 means that it is not set.
 *
 * ```ts
 * const answer = convertObject(object, "metallb.io/v1beta2");
 * if ("failed" in answer) console.error(answer.failed);
 * ```
 */
export { convertObject } from "./convert.ts";
export { isJsonObject, type Json, type JsonObject } from "./json.ts";
