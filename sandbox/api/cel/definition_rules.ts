import { type FieldError, forbidden, invalid, notSupported, required } from "../field_error.ts";
import type { Schema } from "../schema/mod.ts";
import { compileRules } from "./compile.ts";
import { elementsMax, ruleCost, ruleCostMax, schemaCostMax } from "./cost.ts";

const advice =
  "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
const reasons = ["FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate"];

interface Place {
  /** How many values the schema describes in one object at most. */
  readonly cardinality: number;
  /** Whether a value can be told to be the same as one before (kubernetes.io "Transition rules"). */
  readonly isCorrelatable: boolean;
}

/** Why a definition's schema cannot be served by its rules: one does not compile, or may cost too much. */
export function validateRules(root: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let total = 0;
  const visit = (schema: Schema, at: string, place: Place): void => {
    total += checkNode(schema, at, place, errors);
    // The built-in metadata has no rules, and its types contain each other.
    if (schema.typeName !== undefined) return;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      visit(property, `${at}.properties[${name}]`, place);
    }
    const cardinality = place.cardinality * elementsMax(schema);
    if (schema.items !== undefined) {
      const isKeyed = schema["x-kubernetes-list-type"] === "map";
      visit(schema.items, `${at}.items`, { cardinality, isCorrelatable: place.isCorrelatable && isKeyed });
    }
    if (typeof schema.additionalProperties === "object") {
      visit(schema.additionalProperties, `${at}.additionalProperties`, { ...place, cardinality });
    }
  };
  visit(root, path, { cardinality: 1, isCorrelatable: true });
  if (total > schemaCostMax) {
    const why = `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema ${excess(total, schemaCostMax)} ${advice}`;
    errors.push(forbidden(path, why));
  }
  return errors;
}

/** Adds what is wrong with the rules of one schema, and gives what they cost together. */
function checkNode(
  schema: Schema,
  path: string,
  { cardinality, isCorrelatable }: Place,
  errors: FieldError[],
): number {
  if (schema["x-kubernetes-validations"] === undefined) return 0;
  let sum = 0;
  for (const [index, compiled] of compileRules(schema).rules.entries()) {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const { rule, program, problem, messageProblem, isTransition } = compiled;
    if (!rule.rule?.trim()) {
      errors.push(required(`${at}.rule`, "rule is not specified"));
      continue;
    }
    if (problem !== undefined) errors.push(invalid(`${at}.rule`, rule.rule, problem));
    if (messageProblem !== undefined) {
      errors.push(invalid(`${at}.messageExpression`, rule.messageExpression, messageProblem));
    }
    if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
      errors.push(notSupported(`${at}.reason`, rule.reason, reasons));
    }
    if (rule.message?.includes("\n"))
      errors.push(invalid(`${at}.message`, rule.message, "message must not contain line breaks"));
    if (isTransition && !isCorrelatable) {
      const why = "oldSelf cannot be used on the uncorrelatable portion of the schema";
      errors.push(invalid(`${at}.rule`, rule.rule, why));
    }
    if (program === undefined) continue;
    const cost = ruleCost(program.ast, schema) * cardinality;
    sum += cost;
    if (cost > ruleCostMax) {
      errors.push(forbidden(`${at}.rule`, `estimated rule cost ${excess(cost, ruleCostMax)} ${advice}`));
    }
  }
  return sum;
}

function excess(cost: number, max: number): string {
  const factor = cost / max;
  return `exceeds budget by factor of ${factor > 100 ? "more than 100x" : `${factor.toFixed(1)}x`}`;
}
