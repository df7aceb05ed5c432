import type { Schema } from "./schema.ts";

/** Schemas that may set a default somewhere below; most subtrees never do and are not walked. */
const known = new WeakMap<object, boolean>();

/**
 * Fills absent fields, in place, with the schema's defaults, down into objects that are there or are defaulted
 * themselves (apiextensions, "Defaulting"). {@link pruneUnknown} has taken away the nulls that are not allowed.
 */
export function applyDefaults(value: unknown, schema: Schema): void {
  if (typeof value !== "object" || value === null || !hasDefaults(schema)) return;
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) for (const item of value) applyDefaults(item, items);
    return;
  }
  const object = value as Record<string, unknown>;
  const { properties, additionalProperties } = schema;
  for (const key in properties) {
    const property = properties[key] as Schema;
    if (object[key] === undefined && property.default !== undefined) {
      object[key] = structuredClone(property.default);
    }
    applyDefaults(object[key], property);
  }
  if (typeof additionalProperties !== "object") return;
  for (const key of Object.keys(object)) {
    if (properties === undefined || !Object.hasOwn(properties, key)) {
      applyDefaults(object[key], additionalProperties);
    }
  }
}

function hasDefaults(schema: Schema): boolean {
  return known.get(schema) ?? search(schema, new Set());
}

/** `visiting` breaks the cycles of types that contain themselves; only a settled answer is remembered. */
function search(schema: Schema, visiting: Set<object>): boolean {
  const identity = schema.properties ?? schema;
  if (visiting.has(identity)) return false;
  visiting.add(identity);
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : []),
    ...(schema.items ? [schema.items] : []),
  ];
  const found = children.some(
    (child) => child.default !== undefined || (known.get(child) ?? search(child, visiting)),
  );
  visiting.delete(identity);
  if (found || visiting.size === 0) known.set(schema, found);
  return found;
}
