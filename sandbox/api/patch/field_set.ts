import { isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";

/**
 * Which fields an applied configuration speaks of, in the form of `managedFields[].fieldsV1`: `f:name` is a field,
 * `k:{…}` a list element by its keys, `v:…` a member of a set, `.` the element itself; an empty object is a leaf.
 */
export interface FieldSet {
  [step: string]: FieldSet;
}

/** How a list or an object merges, by the schema; what the schema does not say is atomic for lists, granular for objects. */
type Merging =
  | { readonly kind: "atomic" | "fields" | "set" }
  | { readonly kind: "map"; readonly keys: readonly string[] };

export function mergingOf(value: unknown, schema: Schema | undefined): Merging {
  if (Array.isArray(value)) {
    const keys = schema?.["x-kubernetes-list-map-keys"];
    const listType = schema?.["x-kubernetes-list-type"];
    if (listType === "map" && keys !== undefined) return { kind: "map", keys };
    return { kind: listType === "set" ? "set" : "atomic" };
  }
  return { kind: isRecord(value) && schema?.["x-kubernetes-map-type"] !== "atomic" ? "fields" : "atomic" };
}

export function fieldSetOf(value: unknown, schema: Schema | undefined): FieldSet {
  const merging = mergingOf(value, schema);
  if (merging.kind === "fields" && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [`f:${key}`, fieldSetOf(child, childSchema(schema, key))]),
    );
  }
  if (!Array.isArray(value) || merging.kind === "atomic") return {};
  if (merging.kind === "set")
    return Object.fromEntries(value.map((item) => [`v:${JSON.stringify(item)}`, {}]));
  const keys = merging.kind === "map" ? merging.keys : [];
  return Object.fromEntries(
    value.map((item) => [elementStep(item, keys, schema), { ".": {}, ...fieldSetOf(item, schema?.items) }]),
  );
}

/** `k:{"port":80,"protocol":"TCP"}`: keys in alphabetical order, an absent one by its default. */
export function elementStep(item: unknown, keys: readonly string[], schema: Schema | undefined): string {
  const fields = isRecord(item) ? item : {};
  const values = [...keys]
    .sort()
    .map((key) => [key, fields[key] ?? schema?.items?.properties?.[key]?.default])
    .filter(([, value]) => value !== undefined);
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

/** Whether the set holds the field itself, and not only something below it. */
export function isMember(set: FieldSet): boolean {
  return "." in set || Object.keys(set).length === 0;
}

export function childSchema(schema: Schema | undefined, key: string): Schema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, key))
    return schema.properties[key];
  return typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined;
}
