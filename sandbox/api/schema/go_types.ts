import { badRequest } from "../status_error.ts";
import { isInIntegerFormat, matchesFormat } from "./formats.ts";
import type { Schema } from "./schema.ts";

/**
 * Checks a built-in object's JSON types as Go's decoder would, throwing the 400 that a real server answers, and
 * rewrites quantities given as numbers to text. Unknown fields and nulls are gone already (see `pruneUnknown`).
 */
export function decodeAsGoType(object: Record<string, unknown>, schema: Schema, kind: string): void {
  const fail: Fail = (value, owner, path, type) => {
    const field = owner === undefined ? "value" : `struct field ${goName(owner)}.${path}`;
    throw badRequest(
      `${kind} in version "${object.apiVersion}" cannot be handled as a ${kind}: json: cannot unmarshal ${value} into Go ${field} of type ${type}`,
    );
  };
  decodeObject(object, schema, undefined, "", fail);
}

type Fail = (value: string, owner: string | undefined, path: string, type: string) => never;

function decodeObject(
  value: Record<string, unknown>,
  schema: Schema,
  holder: string | undefined,
  path: string,
  fail: Fail,
): void {
  const owner = schema.typeName ?? holder;
  for (const key of Object.keys(value)) {
    const property = schema.properties?.[key];
    const rest = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    // Go names the struct that holds the field and the path to it, without indexes and map keys.
    const child = property === undefined ? path : path === "" ? key : `${path}.${key}`;
    const expected = property ?? rest;
    if (expected === undefined) continue;
    if (expected.format === "quantity" && typeof value[key] === "number") value[key] = String(value[key]);
    decode(value[key], expected, owner, child, fail);
  }
}

function decode(value: unknown, schema: Schema, owner: string | undefined, path: string, fail: Fail): void {
  const actual = jsonName(value);
  const { type, format } = schema;
  if (schema["x-kubernetes-int-or-string"] === true) {
    if (actual !== "number" && actual !== "string") fail(actual, owner, path, "intstr.IntOrString");
  } else if (type === "array") {
    if (!Array.isArray(value)) fail(actual, owner, path, goType(schema));
    for (const item of value as unknown[]) decode(item, schema.items ?? {}, owner, path, fail);
  } else if (type === "object") {
    if (actual !== "object") fail(actual, owner, path, goType(schema));
    decodeObject(value as Record<string, unknown>, schema, owner, path, fail);
  } else if (type === "integer" || type === "number") {
    if (actual !== "number") fail(actual, owner, path, goType(schema));
    const isWhole = Number.isInteger(value) && isInIntegerFormat(format, value as number);
    if (type === "integer" && !isWhole) fail(`number ${value}`, owner, path, goType(schema));
  } else if (type !== undefined && actual !== (type === "boolean" ? "bool" : type)) {
    fail(actual, owner, path, goType(schema));
  } else if (format === "date-time" && !matchesFormat(format, value as string)) {
    throw badRequest(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} at ${path}`,
    );
  } else if (format === "byte" && !matchesFormat(format, value as string)) {
    throw badRequest(`illegal base64 data at ${path}`);
  }
}

function jsonName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function goType(schema: Schema | undefined): string {
  switch (schema?.type) {
    case "array":
      return `[]${goType(schema.items)}`;
    case "object":
      return schema.typeName === undefined
        ? `map[string]${goType(typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined)}`
        : `v1.${goName(schema.typeName)}`;
    case "integer":
      return schema.format ?? "int64";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    default:
      return schema?.type ?? "interface {}";
  }
}

/** `V1ServiceSpec` -> `ServiceSpec`, `CoreV1Event` -> `Event`. */
export function goName(typeName: string | undefined): string {
  return typeName?.replace(/^([A-Z][a-z]+)?V1/, "") ?? "";
}
