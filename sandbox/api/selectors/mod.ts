/**
 * Which objects a list or a watch is about: selectors over labels and over the few fields that a kind offers.
 *
 * ```ts
 * const selects = parseLabelSelector("app=web,tier in (front,back)");
 * selects?.({ app: "web", tier: "front" }); // true
 * ```
 */
export { type FieldSelector, parseFieldSelector, type SelectableFields } from "./field_selector.ts";
export { type LabelSelector, labelSelectorText, parseLabelSelector } from "./label_selector.ts";
