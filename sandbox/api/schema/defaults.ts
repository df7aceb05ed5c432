import { Relevance } from "./relevance.ts";
import type { Schema } from "./schema.ts";

const defaulted = new Relevance((schema) => schema.default !== undefined);

/**
 * Fills absent fields, in place, with the schema's defaults, down into objects that are there or are defaulted
 * themselves (apiextensions, "Defaulting"). `pruneUnknown` has taken away the nulls that are not allowed.
 */
export function applyDefaults(value: unknown, schema: Schema): void {
  if (typeof value !== "object" || value === null || !defaulted.has(schema)) return;
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) for (const item of value) applyDefaults(item, items);
    return;
  }
  const object = value as Record<string, unknown>;
  for (const [key, property] of defaulted.properties(schema)) {
    if (object[key] === undefined && property.default !== undefined) {
      object[key] = structuredClone(property.default);
    }
    applyDefaults(object[key], property);
  }
  const { properties, additionalProperties } = schema;
  if (typeof additionalProperties !== "object" || !defaulted.has(additionalProperties)) return;
  for (const key of Object.keys(object)) {
    if (properties === undefined || !Object.hasOwn(properties, key)) {
      applyDefaults(object[key], additionalProperties);
    }
  }
}
