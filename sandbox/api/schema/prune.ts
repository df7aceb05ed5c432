import type { Schema } from "./schema.ts";

/** Fields that every object has and no CustomResourceDefinition needs to list. */
const objectFields: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/**
 * Removes, in place, the fields that the schema does not name, and gives their paths (`spec.ports[0].foo`) in the
 * order met: what `fieldValidation=Strict` refuses and `Warn` warns of. The root is taken as an object with metadata.
 * A null where the schema does not allow one goes too and is not reported, so that a default may take its place.
 */
export function pruneUnknown(object: Record<string, unknown>, schema: Schema): string[] {
  const unknown: string[] = [];
  pruneObject(object, schema, "", true, unknown);
  return unknown;
}

function prune(value: unknown, schema: Schema, path: string, unknown: string[]): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) prune(item, items, `${path}[${index}]`, unknown);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
  pruneObject(value as Record<string, unknown>, schema, path, isEmbedded, unknown);
}

function pruneObject(
  value: Record<string, unknown>,
  schema: Schema,
  path: string,
  isResource: boolean,
  unknown: string[],
): void {
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const { properties, additionalProperties } = schema;
  for (const key of Object.keys(value)) {
    const child = path === "" ? key : `${path}.${key}`;
    const property = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property !== undefined) {
      if (value[key] === null && !keepsNull(property)) delete value[key];
      else prune(value[key], property, child, unknown);
    } else if (typeof additionalProperties === "object")
      prune(value[key], additionalProperties, child, unknown);
    else if (!keepsUnknown && additionalProperties !== true && !(isResource && objectFields.has(key))) {
      unknown.push(child);
      delete value[key];
    }
  }
}

function keepsNull(schema: Schema): boolean {
  return schema.nullable === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
}
