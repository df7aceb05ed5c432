/**
 * Why something was decided, as data: a code and the values it speaks of. Events, logs and `explain` write it in
 * English by {@link reasonText}; the console writes the same code in the reader's language.
 *
 * ```ts
 * reasonText({ code: "pool.exhausted", params: { pool: "first-pool" } });
 * ```
 */
export type { Reason, ReasonCode, ReasonParams } from "./reason.ts";
export { reason, reasonText } from "./reason.ts";
export { reasonTexts } from "./texts.ts";
