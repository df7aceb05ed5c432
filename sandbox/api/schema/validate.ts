import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from "../field_error.ts";
import { isEqual } from "../object.ts";
import { isInIntegerFormat, matchesFormat } from "./formats.ts";
import { judgeByRules, type RuleEvaluator } from "./rules.ts";
import type { Schema } from "./schema.ts";

/** What is wrong with a custom resource by its structural schema, in a real server's words. */
export function validateValue(
  value: unknown,
  schema: Schema,
  path: string,
  evaluateRules?: RuleEvaluator,
  before?: unknown,
): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, path, errors);
  if (evaluateRules === undefined) return errors;
  return [...errors, ...judgeByRules(value, schema, path, errors, evaluateRules, before)];
}

function check(value: unknown, schema: Schema, path: string, errors: FieldError[]): void {
  if (value === null && schema.nullable === true) return;
  const wrong = wrongType(value, schema);
  if (wrong !== undefined) {
    errors.push(
      typeInvalid(path, wrong.actual, `${inBody(path)} must be of type ${wrong.expected}: "${wrong.actual}"`),
    );
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((allowed) => isEqual(allowed, value))) {
    errors.push(notSupported(path, value, schema.enum));
  }
  if (typeof value === "string") checkString(value, schema, path, errors);
  else if (typeof value === "number") checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) checkArray(value, schema, path, errors);
  else if (typeof value === "object" && value !== null) {
    checkObject(value as Record<string, unknown>, schema, path, errors);
  }
  checkCombinations(value, schema, path, errors);
}

function wrongType(value: unknown, schema: Schema): { expected: string; actual: string } | undefined {
  const actual = typeName(value);
  if (schema["x-kubernetes-int-or-string"] === true) {
    return actual === "integer" || actual === "string" ? undefined : { expected: "integer,string", actual };
  }
  const expected = schema.type;
  if (expected === undefined || expected === actual) return undefined;
  return expected === "number" && actual === "integer" ? undefined : { expected, actual };
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function checkString(value: string, schema: Schema, path: string, errors: FieldError[]): void {
  const length = schema.minLength === undefined && schema.maxLength === undefined ? 0 : [...value].length;
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `${inBody(path)} should be at least ${schema.minLength} chars long`));
  }
  if (schema.maxLength !== undefined && length > schema.maxLength)
    errors.push(tooLong(path, schema.maxLength));
  if (schema.pattern !== undefined && !compiled(schema.pattern).test(value)) {
    errors.push(invalid(path, value, `${inBody(path)} should match '${schema.pattern}'`));
  }
  if (schema.format !== undefined && !matchesFormat(schema.format, value)) {
    errors.push(
      invalid(path, value, `${inBody(path)} must be of type ${schema.format}: ${JSON.stringify(value)}`),
    );
  }
}

function checkNumber(value: number, schema: Schema, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf } = schema;
  const fail = (text: string) => errors.push(invalid(path, value, `${inBody(path)} ${text}`));
  if (schema.type === "integer" && !isInIntegerFormat(schema.format, value)) {
    fail(`must be of type ${schema.format ?? "integer"}: ${value}`);
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true && value <= minimum) fail(`should be greater than ${minimum}`);
    else if (value < minimum) fail(`should be greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true && value >= maximum) fail(`should be less than ${maximum}`);
    else if (value > maximum) fail(`should be less than or equal to ${maximum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    fail(`should be a multiple of ${multipleOf}`);
  }
}

function checkArray(value: unknown[], schema: Schema, path: string, errors: FieldError[]): void {
  const { minItems, maxItems, items } = schema;
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalid(path, value.length, `${inBody(path)} should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(path, value.length, maxItems));
  }
  checkUnique(value, schema, path, errors);
  if (items === undefined) return;
  for (const [index, item] of value.entries()) check(item, items, `${path}[${index}]`, errors);
}

function checkUnique(value: unknown[], schema: Schema, path: string, errors: FieldError[]): void {
  const keys = schema["x-kubernetes-list-map-keys"];
  const isSet = schema["x-kubernetes-list-type"] === "set" || schema.uniqueItems === true;
  if (!isSet && (schema["x-kubernetes-list-type"] !== "map" || keys === undefined)) return;
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const identity = isSet || keys === undefined ? item : keyOf(item, keys);
    const text = JSON.stringify(identity) ?? "null";
    if (seen.has(text)) errors.push(duplicate(`${path}[${index}]`, identity));
    seen.add(text);
  });
}

function keyOf(item: unknown, keys: readonly string[]): Record<string, unknown> {
  const fields = typeof item === "object" && item !== null ? (item as Record<string, unknown>) : {};
  return Object.fromEntries(keys.filter((key) => key in fields).map((key) => [key, fields[key]]));
}

function checkObject(
  value: Record<string, unknown>,
  schema: Schema,
  path: string,
  errors: FieldError[],
): void {
  const { properties, additionalProperties, minProperties, maxProperties } = schema;
  const child = (key: string) => (path === "" ? key : `${path}.${key}`);
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key)) errors.push(required(child(key)));
  }
  const keys = Object.keys(value);
  if (minProperties !== undefined && keys.length < minProperties) {
    const text = `${inBody(path)} should have at least ${minProperties} properties`;
    errors.push(invalid(path, keys.length, text));
  }
  if (maxProperties !== undefined && keys.length > maxProperties) {
    errors.push(tooMany(path, keys.length, maxProperties));
  }
  for (const key of keys) {
    const property = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const rest = typeof additionalProperties === "object" ? additionalProperties : undefined;
    const schemaOfKey = property ?? rest;
    if (schemaOfKey !== undefined) check(value[key], schemaOfKey, child(key), errors);
  }
}

function checkCombinations(value: unknown, schema: Schema, path: string, errors: FieldError[]): void {
  const isValid = (branch: Schema) => validateValue(value, branch, path).length === 0;
  const fail = (text: string) => errors.push(invalid(path, value, `"${path}" ${text}`));
  for (const branch of schema.allOf ?? []) errors.push(...validateValue(value, branch, path));
  if (schema.anyOf !== undefined && !schema.anyOf.some(isValid)) {
    fail("must validate at least one schema (anyOf)");
  }
  const valid = schema.oneOf?.filter(isValid).length;
  if (valid === 0) fail("must validate one and only one schema (oneOf). Found none valid");
  if (valid !== undefined && valid > 1) {
    fail(`must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
  }
  if (schema.not !== undefined && isValid(schema.not)) fail("must not validate the schema (not)");
}

const patterns = new Map<string, RegExp>();

/** Patterns are Go's RE2; what CRDs use of it reads the same here. One that does not compile lets everything through. */
function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    expression = compile(pattern) ?? /(?:)/;
    patterns.set(pattern, expression);
  }
  return expression;
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "u");
  } catch {
    try {
      return new RegExp(pattern);
    } catch {
      return undefined;
    }
  }
}

function inBody(path: string): string {
  return `${path} in body`;
}
