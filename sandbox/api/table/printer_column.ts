import { isRecord } from "../object.ts";
import { ageOf } from "./age.ts";
import type { Column } from "./column.ts";
import { parseJsonPath } from "./json_path.ts";

/** One of `additionalPrinterColumns` of a CustomResourceDefinition. */
export interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  format?: string;
  description?: string;
  priority?: number;
}

const types: Readonly<Record<string, Column["type"]>> = {
  integer: "integer",
  number: "number",
  boolean: "boolean",
  date: "date",
};

export function printerColumn(declared: PrinterColumn): Column {
  const path = parseJsonPath(declared.jsonPath);
  const type = types[declared.type] ?? "string";
  return {
    name: declared.name,
    type,
    description:
      declared.description ?? `Custom resource definition column (in JSONPath format): ${declared.jsonPath}`,
    ...(declared.format ? { format: declared.format } : {}),
    ...(declared.priority ? { priority: declared.priority } : {}),
    cell: (object, { now }) => cell(type, path?.(object)[0], now),
  };
}

/** A value that does not fit its column leaves the cell empty; text columns show lists and objects as JSON. */
function cell(type: Column["type"], value: unknown, now: number): unknown {
  if (value === undefined || value === null) return null;
  if (type === "date") return typeof value === "string" ? ageOf(value, now) : null;
  if (type === "string") {
    return Array.isArray(value) || isRecord(value) ? JSON.stringify(value) : String(value);
  }
  if (type === "boolean") return typeof value === "boolean" ? value : null;
  if (typeof value !== "number") return null;
  return type === "integer" ? Math.trunc(value) : value;
}
