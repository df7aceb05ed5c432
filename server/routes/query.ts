/** Query strings of the console and the API, parsed at the door; a wrong value is answered with what is allowed. */
import * as v from "valibot";
import type { Page, ServiceQuery } from "../ports.ts";
import { type ListQuery, serviceQueryDefault } from "../views/paths.ts";
import { serviceStates } from "../views/services.tsx";

const searchLengthMax = 200;
const pageMax = 100_000;
const pageSizeMax = 500;

/** One parameter that cannot be read. */
export class InvalidQuery extends Error {
  constructor(
    readonly parameter: string,
    readonly value: string,
    readonly allowed: string,
  ) {
    super(`query parameter ${parameter} is "${value}"; allowed: ${allowed}`);
    this.name = "InvalidQuery";
  }
}

function oneOf<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, options.join(", "));
}

function upTo(max: number) {
  const allowed = `1–${max}`;
  const digits = v.pipe(v.string(), v.regex(/^\d{1,9}$/, allowed), v.toNumber());
  return v.pipe(digits, v.minValue(1, allowed), v.maxValue(max, allowed));
}

const search = v.pipe(v.string(), v.maxLength(searchLengthMax, `≤ ${searchLengthMax}`), v.trim());

const listSchema = v.object({
  search: v.exactOptional(search, ""),
  page: v.exactOptional(upTo(pageMax), "1"),
});

const serviceSchema = v.object({
  search: v.exactOptional(search, ""),
  sort: v.exactOptional(oneOf(["name", "address", "pool", "age", "state"]), serviceQueryDefault.sort),
  order: v.exactOptional(oneOf(["ascending", "descending"]), "ascending"),
  state: v.exactOptional(oneOf(serviceStates), serviceQueryDefault.state),
  page: v.exactOptional(upTo(pageMax), "1"),
  size: v.exactOptional(upTo(pageSizeMax), String(serviceQueryDefault.pageSize)),
});

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  query: Record<string, string>,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, query);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const parameter = v.getDotPath(issue) ?? "";
  throw new InvalidQuery(parameter, query[parameter] ?? "", issue.message);
}

export function parseListQuery(query: Record<string, string>): ListQuery {
  return parse(listSchema, query);
}

export function parseServiceQuery(query: Record<string, string>): ServiceQuery {
  const { size, order, ...rest } = parse(serviceSchema, query);
  return { ...rest, pageSize: size, descending: order === "descending" };
}

/** The page asked for, or the last one where there are fewer by now. */
export function lastIfBeyond<Row>(page: number, ask: (page: number) => Page<Row>): Page<Row> {
  const found = ask(page);
  if (found.rows.length > 0 || found.total === 0) return found;
  return ask(Math.ceil(found.total / found.pageSize));
}

/** A page of rows that are all in memory. */
export function pageOf<Row>(rows: readonly Row[], page: number, pageSize: number): Page<Row> {
  return lastIfBeyond(page, (asked) => ({
    rows: rows.slice((asked - 1) * pageSize, asked * pageSize),
    total: rows.length,
    page: asked,
    pageSize,
  }));
}
