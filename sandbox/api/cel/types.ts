import { type Environment, evaluate } from "@marcbachmann/cel-js";
import { isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";

type Fields = Record<string, unknown>;

/** Words that CEL keeps for itself (kubernetes.io "Validation rules", escaping). */
const reserved: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** The name by which a rule reads a field; undefined for a field that no rule can read. */
export function celName(field: string): string | undefined {
  if (reserved.has(field)) return `__${field}__`;
  const name = field
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
  return /^[A-Za-z_]\w*$/.test(name) ? name : undefined;
}

/** The fields that a rule may read of an object; of metadata only what names it. */
export function readableFields(schema: Schema): [field: string, schema: Schema][] {
  const fields = Object.entries(schema.properties ?? {});
  if (schema.typeName !== "V1ObjectMeta") return fields;
  return fields.filter(([field]) => field === "name" || field === "generateName");
}

export function takesAnything(schema: Schema): boolean {
  return (
    schema["x-kubernetes-int-or-string"] === true ||
    schema.type === undefined ||
    (schema["x-kubernetes-preserve-unknown-fields"] === true && schema.properties === undefined)
  );
}

/** Tells an environment the types of a schema, and turns JSON into values of them. */
export class SchemaTypes {
  readonly #environment: Environment;
  readonly #named = new Map<Schema, { name: string; make: new (fields: Fields) => object }>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  typeOf(schema: Schema): string {
    if (takesAnything(schema)) return "dyn";
    switch (schema.type) {
      case "integer":
        return "int";
      case "number":
        return "double";
      case "boolean":
        return "bool";
      case "array":
        return `list<${schema.items === undefined ? "dyn" : this.typeOf(schema.items)}>`;
      case "object":
        if (schema.properties !== undefined) return this.#struct(schema).name;
        return typeof schema.additionalProperties === "object"
          ? `map<string, ${this.typeOf(schema.additionalProperties)}>`
          : "map<string, dyn>";
      default:
        return textTypes[schema.format ?? ""] ?? "string";
    }
  }

  valueOf(value: unknown, schema: Schema): unknown {
    if (takesAnything(schema)) return dynamic(value);
    if (Array.isArray(value)) return value.map((item) => this.valueOf(item, schema.items ?? {}));
    if (isRecord(value)) return this.#objectOf(value, schema);
    if (typeof value === "number") return schema.type === "integer" ? BigInt(value) : value;
    return typeof value === "string" ? textOf(value, schema.format) : value;
  }

  #objectOf(value: Fields, schema: Schema): unknown {
    if (schema.properties === undefined) {
      const rest = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
      return new Map(Object.entries(value).map(([key, item]) => [key, this.valueOf(item, rest)]));
    }
    const fields: Fields = {};
    for (const [field, property] of readableFields(schema)) {
      const name = celName(field);
      // A null is an absent field to a rule.
      if (name !== undefined && Object.hasOwn(value, field) && value[field] !== null) {
        fields[name] = this.valueOf(value[field], property);
      }
    }
    return new (this.#struct(schema).make)(fields);
  }

  #struct(schema: Schema) {
    let known = this.#named.get(schema);
    if (known === undefined) {
      const make = class {
        constructor(fields: Fields) {
          Object.assign(this, fields);
        }
      };
      const fields: Record<string, string> = {};
      for (const [field, property] of readableFields(schema)) {
        const name = celName(field);
        if (name !== undefined) fields[name] = this.typeOf(property);
      }
      known = { name: `Object${this.#named.size + 1}`, make };
      this.#named.set(schema, known);
      this.#environment.registerType(known.name, { ctor: make, fields });
      this.#environment.registerOperator(`${known.name} == ${known.name}`, isSame);
    }
    return known;
  }
}

const textTypes: Readonly<Record<string, string>> = {
  duration: "google.protobuf.Duration",
  "date-time": "google.protobuf.Timestamp",
  date: "google.protobuf.Timestamp",
};

function textOf(value: string, format: string | undefined): unknown {
  if (format === "duration") return evaluate("duration(text)", { text: value });
  if (format === "date-time" || format === "date") return new Date(value);
  return value;
}

function dynamic(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(dynamic);
  if (isRecord(value)) return new Map(Object.entries(value).map(([key, item]) => [key, dynamic(item)]));
  return value;
}

/** Equality of values of a type, field by field. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key)));
  }
  const keys = Object.keys(a);
  if (keys.length === 0 && Object.keys(b).length === 0) return String(a.valueOf()) === String(b.valueOf());
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && isSame((a as Fields)[key], (b as Fields)[key]))
  );
}
