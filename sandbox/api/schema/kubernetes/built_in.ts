import type { Schema } from "../schema.ts";
import { annotations, mustBeSet, quantityFields } from "./annotations.ts";
import typesText from "./types.txt" with { type: "text" };

const plain: Readonly<Record<string, Schema>> = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
  byte: { type: "string", format: "byte" },
  "date-time": { type: "string", format: "date-time" },
  "date-time-micro": { type: "string", format: "date-time" },
  "int-or-string": { "x-kubernetes-int-or-string": true },
  any: { "x-kubernetes-preserve-unknown-fields": true },
};
const quantity: Schema = { "x-kubernetes-int-or-string": true, format: "quantity" };

let loaded: Map<string, Schema> | undefined;

/**
 * The schema of a built-in type by its name among the models of `@kubernetes/client-node`, such as `V1Service`. There is
 * one `properties` object per type for the life of the process; types refer to each other, and to themselves.
 */
export function builtInSchema(model: string): Schema {
  loaded ??= parseTypes(typesText);
  const schema = loaded.get(model);
  if (schema === undefined) throw new Error(`"${model}" is not in the table of built-in types`);
  return schema;
}

function parseTypes(text: string): Map<string, Schema> {
  const types = new Map<string, Schema>();
  const typeNamed = (model: string): Schema => {
    let schema = types.get(model);
    if (schema === undefined) {
      schema = { type: "object", typeName: model, properties: {}, required: [] };
      if (mustBeSet[model] !== undefined) schema.mustBeSet = mustBeSet[model];
      types.set(model, schema);
    }
    return schema;
  };
  const schemaOf = (type: string): Schema => {
    if (type.startsWith("[")) return { type: "array", items: schemaOf(type.slice(1, -1)) };
    if (type.startsWith("{")) return { type: "object", additionalProperties: schemaOf(type.slice(1, -1)) };
    return plain[type] ?? typeNamed(type);
  };

  let owner: Schema = {};
  let fields: Record<string, Schema> = {};
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, indent, name = "", mark, rest = ""] = /^( ?)([^ !]+)(!?) ?(.*)$/.exec(line) ?? [];
    if (indent === "") {
      owner = typeNamed(name);
      fields = owner.properties ?? {};
      owner.description = rest;
      continue;
    }
    const space = rest.indexOf(" ");
    const type = space < 0 ? rest : rest.slice(0, space);
    const key = `${owner.typeName}.${name}`;
    const { description: _ofType, ...field } = quantityFields.has(key) ? quantityOf(type) : schemaOf(type);
    // A field's own words stand beside its type; `properties` and `required` stay the type's own, filled later.
    if (space >= 0) Object.assign(field, { description: rest.slice(space + 1) });
    fields[name] = { ...field, ...annotations[key] };
    if (mark === "!") owner.required?.push(name);
  }
  return types;
}

function quantityOf(type: string): Schema {
  return type.startsWith("{") ? { type: "object", additionalProperties: quantity } : quantity;
}
