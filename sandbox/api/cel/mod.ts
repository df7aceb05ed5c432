/**
 * `x-kubernetes-validations`: rules in the Common Expression Language that a CustomResourceDefinition carries
 * (kubernetes.io "Validation rules"). The language is `@marcbachmann/cel-js`; the types, Kubernetes' own functions, the
 * cost budget and the words are here.
 *
 * ```ts
 * const problems = validateRules(schema, "spec.versions[0].schema.openAPIV3Schema");
 * const errors = evaluateRules(schema, value, valueBefore, "spec");
 * ```
 */
export { validateRules } from "./definition_rules.ts";
export { evaluateRules } from "./evaluate.ts";
