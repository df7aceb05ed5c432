/**
 * Schemas of built-in and custom kinds, and what is done by them: pruning, defaults, Go-like decoding, validation.
 *
 * ```ts
 * const unknown = pruneUnknown(object, schema); // ["spec.foo"]
 * applyDefaults(object, schema);
 * const errors = validateValue(object, schema, "");
 * ```
 */
export { validateBuiltIn } from "./built_in_rules.ts";
export { applyDefaults } from "./defaults.ts";
export { decodeAsGoType, goName } from "./go_types.ts";
export { builtInSchema } from "./kubernetes/built_in.ts";
export { pruneUnknown } from "./prune.ts";
export type { RuleEvaluator } from "./rules.ts";
export type { Schema, ValidationRule } from "./schema.ts";
export { validateValue } from "./validate.ts";
