/**
 * Korean and English: one catalogue of messages whose keys and placeholders the compiler checks, the reasons of
 * `#core/reason` in both, and numbers and times as each language writes them.
 *
 * ```ts
 * words("ko").t("pools.used", { used: 3, total: "11" }); // "11개 중 3개 사용 중"
 * ```
 */
export { chooseLanguage, isLanguage, type Language, languages } from "./language.ts";
export { type MessageKey, type Words, words } from "./words.ts";
