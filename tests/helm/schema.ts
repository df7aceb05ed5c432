import { isTrue } from "./functions.ts";

/** The words of JSON Schema that values.schema.json uses; another one is an error. */
interface Schema {
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
}

const judges: {
  [Word in keyof Schema]-?: (value: unknown, rule: NonNullable<Schema[Word]>, schema: Schema) => Fault[];
} = {
  type: (value, rule) =>
    [rule].flat().some((type) => isOf(type, value))
      ? []
      : [{ path: [], text: `is no ${[rule].flat().join(" or ")}` }],
  enum: (value, rule) =>
    rule.some((allowed) => allowed === value)
      ? []
      : [{ path: [], text: `is none of ${JSON.stringify(rule)}` }],
  properties: (value, rule) =>
    entries(value).flatMap(([key, item]) => {
      const schema = rule[key];
      return schema ? below(key, judge(item, schema)) : [];
    }),
  required: (value, rule) =>
    rule.filter((key) => isMap(value) && !(key in value)).map((key) => ({ path: [key], text: "is missing" })),
  additionalProperties: (value, rule, { properties = {} }) =>
    entries(value)
      .filter(([key]) => !(key in properties))
      .flatMap(([key, item]) => {
        if (rule === true) return [];
        return below(key, rule === false ? [{ path: [], text: "is not known" }] : judge(item, rule));
      }),
  items: (value, rule) =>
    Array.isArray(value) ? value.flatMap((item, index) => below(String(index), judge(item, rule))) : [],
  minimum: (value, rule) =>
    typeof value === "number" && value < rule ? [{ path: [], text: `is less than ${rule}` }] : [],
  maximum: (value, rule) =>
    typeof value === "number" && value > rule ? [{ path: [], text: `is more than ${rule}` }] : [],
  minLength: (value, rule) =>
    typeof value === "string" && value.length < rule ? [{ path: [], text: "is too short" }] : [],
};

interface Fault {
  path: string[];
  text: string;
}

const notes = ["$schema", "title", "description"];

/** What is wrong, each with the path of the value. */
export function schemaFaults(value: unknown, schema: unknown): string[] {
  return judge(value, schema as Schema).map(({ path, text }) => `${path.join(".")} ${text}`);
}

function judge(value: unknown, schema: Schema): Fault[] {
  return Object.entries(schema).flatMap(([word, rule]) => {
    if (notes.includes(word)) return [];
    const judgeWord = judges[word as keyof Schema] as ((...args: unknown[]) => Fault[]) | undefined;
    if (!judgeWord) throw new Error(`values.schema.json: "${word}" is not known here`);
    return judgeWord(value, rule, schema);
  });
}

function below(key: string, faults: Fault[]): Fault[] {
  return faults.map(({ path, text }) => ({ path: [key, ...path], text }));
}

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null || value === undefined;
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  return type === "object" ? isMap(value) : typeof value === type;
}

function entries(value: unknown): [string, unknown][] {
  return isMap(value) && isTrue(value) ? Object.entries(value) : [];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
