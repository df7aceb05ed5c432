import { isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";

/** How a list or an object merges, by the schema; what the schema does not say is atomic for lists, granular for objects. */
export type Merging =
  | { readonly kind: "atomic" | "fields" | "set" }
  | { readonly kind: "map"; readonly keys: readonly string[] };

const atomic: Merging = { kind: "atomic" };
const fields: Merging = { kind: "fields" };

export function mergingOf(value: unknown, schema: Schema | undefined): Merging {
  if (Array.isArray(value)) {
    const keys = schema?.["x-kubernetes-list-map-keys"];
    const listType = schema?.["x-kubernetes-list-type"];
    if (listType === "map" && keys !== undefined) return { kind: "map", keys };
    return listType === "set" ? { kind: "set" } : atomic;
  }
  return isRecord(value) && schema?.["x-kubernetes-map-type"] !== "atomic" ? fields : atomic;
}

/** The step that tells a list's element from its fellows. */
export function itemStep(item: unknown, merging: Merging, schema: Schema | undefined): string {
  return merging.kind === "map" ? elementStep(item, merging.keys, schema) : `v:${JSON.stringify(item)}`;
}

/** `k:{"port":80,"protocol":"TCP"}`: keys in alphabetical order, an absent one by its default. */
function elementStep(item: unknown, keys: readonly string[], schema: Schema | undefined): string {
  const values: Record<string, unknown> = {};
  for (const key of [...keys].sort()) {
    const value = (isRecord(item) ? item[key] : undefined) ?? schema?.items?.properties?.[key]?.default;
    if (value !== undefined) values[key] = value;
  }
  return `k:${JSON.stringify(values)}`;
}

export function childSchema(schema: Schema | undefined, key: string): Schema | undefined {
  if (isNamedField(schema, key)) return schema?.properties?.[key];
  return typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

/** Whether the schema names the field, as opposed to an entry of a map. */
export function isNamedField(schema: Schema | undefined, key: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, key);
}
