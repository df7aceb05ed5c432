import type { FieldError } from "../field_error.ts";
import { isRecord } from "../object.ts";
import { Relevance } from "./relevance.ts";
import type { Schema } from "./schema.ts";

/**
 * Evaluates the `x-kubernetes-validations` of one schema against one value. `before` is what the value was, for rules
 * that speak of `oldSelf`.
 */
export type RuleEvaluator = (schema: Schema, value: unknown, before: unknown, path: string) => FieldError[];

const ruled = new Relevance((schema) => schema["x-kubernetes-validations"] !== undefined);

/** Errors after which a value may not be what a rule takes it for (apiextensions `hasBlockingErr`). */
const blocking: ReadonlySet<string> = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

/** What the rules in a schema say of a value in which `errors` were found without them. */
export function judgeByRules(
  value: unknown,
  schema: Schema,
  path: string,
  errors: readonly FieldError[],
  evaluate: RuleEvaluator,
  before: unknown,
): FieldError[] {
  if (!ruled.has(schema)) return [];
  if (errors.some(({ reason }) => blocking.has(reason))) {
    const why =
      "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    return [{ reason: "FieldValueInvalid", field: "<nil>", message: `Invalid value: "null": ${why}` }];
  }
  const found: FieldError[] = [];
  judge(value, schema, path, { found, evaluate }, before);
  return found;
}

interface Run {
  readonly found: FieldError[];
  readonly evaluate: RuleEvaluator;
}

function judge(value: unknown, schema: Schema, path: string, run: Run, before: unknown): void {
  if (value === null || value === undefined || !ruled.has(schema)) return;
  if (Array.isArray(value)) judgeItems(value, schema, path, run, before);
  else if (isRecord(value)) {
    const old = isRecord(before) ? before : {};
    const { properties = {}, additionalProperties: rest } = schema;
    for (const key of Object.keys(value)) {
      const property = Object.hasOwn(properties, key)
        ? properties[key]
        : typeof rest === "object"
          ? rest
          : undefined;
      if (property !== undefined)
        judge(value[key], property, path === "" ? key : `${path}.${key}`, run, old[key]);
    }
  }
  if (schema["x-kubernetes-validations"] !== undefined) {
    run.found.push(...run.evaluate(schema, value, before ?? undefined, path));
  }
}

/** Only elements that a key tells apart have an earlier self (KEP-2876, "Transition rules"). */
function judgeItems(
  value: readonly unknown[],
  schema: Schema,
  path: string,
  run: Run,
  before: unknown,
): void {
  const { items } = schema;
  if (items === undefined) return;
  const keys = schema["x-kubernetes-list-map-keys"];
  const keyOf = (item: unknown) =>
    JSON.stringify(keys?.map((key) => (isRecord(item) ? item[key] : undefined)));
  const old = new Map((keys && Array.isArray(before) ? before : []).map((item) => [keyOf(item), item]));
  for (const [index, item] of value.entries()) {
    judge(item, items, `${path}[${index}]`, run, keys && old.get(keyOf(item)));
  }
}
