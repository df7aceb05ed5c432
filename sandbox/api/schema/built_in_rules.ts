import { type FieldError, notSupported, required } from "../field_error.ts";
import type { Schema } from "./schema.ts";

/** What is wrong with a built-in object by the rules that stand in its schema: fields left empty, closed sets. */
export function validateBuiltIn(value: unknown, schema: Schema, path = ""): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, path, errors);
  return errors;
}

function check(value: unknown, schema: Schema, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) check(item, items, `${path}[${index}]`, errors);
    return;
  }
  if (schema.enum !== undefined && value !== "" && !schema.enum.includes(value)) {
    errors.push(notSupported(path, value, schema.enum));
  }
  if (typeof value !== "object" || value === null) return;
  const fields = value as Record<string, unknown>;
  const { properties, additionalProperties, mustBeSet } = schema;
  for (const key of mustBeSet ?? []) {
    if (isEmpty(fields[key])) errors.push(required(path === "" ? key : `${path}.${key}`));
  }
  for (const key of Object.keys(fields)) {
    const property = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const child = path === "" ? key : `${path}.${key}`;
    if (property !== undefined) check(fields[key], property, child, errors);
    else if (typeof additionalProperties === "object")
      check(fields[key], additionalProperties, child, errors);
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || value === 0 || (Array.isArray(value) && value.length === 0);
}
