import { type FieldError, notSupported, required } from "../field_error.ts";
import { Relevance } from "./relevance.ts";
import type { Schema } from "./schema.ts";

const ruled = new Relevance((schema) => schema.enum !== undefined || schema.mustBeSet !== undefined);

/** What is wrong with a built-in object by the rules that stand in its schema: fields left empty, closed sets. */
export function validateBuiltIn(value: unknown, schema: Schema, path = ""): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, path, errors);
  return errors;
}

function check(value: unknown, schema: Schema, path: string, errors: FieldError[]): void {
  if (value === undefined || !ruled.has(schema)) return;
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
  for (const key of schema.mustBeSet ?? []) {
    if (isEmpty(fields[key])) errors.push(required(child(path, key)));
  }
  for (const [key, property] of ruled.properties(schema))
    check(fields[key], property, child(path, key), errors);
  const { additionalProperties } = schema;
  if (typeof additionalProperties !== "object") return;
  for (const key of Object.keys(fields)) check(fields[key], additionalProperties, child(path, key), errors);
}

function child(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || value === 0 || (Array.isArray(value) && value.length === 0);
}
