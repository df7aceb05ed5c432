import { parse, stringify } from "yaml";

/** What text/template and sprig do, as far as the chart asks for it; a name that is not here is an error. */
export const functions: Record<string, (...args: unknown[]) => unknown> = {
  // text/template
  eq: (first, ...others) => others.some((other) => comparable(first) === comparable(other)),
  ne: (a, b) => comparable(a) !== comparable(b),
  not: (value) => !isTrue(value),
  index: (value, ...keys) => keys.reduce((found, key) => at(found, key), value),
  printf: (format, ...values) => sprintf(String(format), values),
  // sprig, strings
  contains: (part, whole) => text(whole).includes(text(part)),
  replace: (from, to, whole) => text(whole).replaceAll(text(from), text(to)),
  trim: (value) => text(value).trim(),
  trimSuffix: (end, value) => {
    const whole = text(value);
    return whole.endsWith(text(end)) ? whole.slice(0, whole.length - text(end).length) : whole;
  },
  trunc: (length, value) => text(value).slice(0, Number(length)),
  quote: (...values) =>
    values
      .filter((value) => value !== undefined && value !== null)
      .map((value) => JSON.stringify(text(value)))
      .join(" "),
  indent: (count, value) => indent(Number(count), text(value)),
  nindent: (count, value) => `\n${indent(Number(count), text(value))}`,
  // sprig, values
  default: (otherwise, value) => (isTrue(value) ? value : otherwise),
  ternary: (yes, no, condition) => (condition === true ? yes : no),
  int: (value) => Math.trunc(Number(value ?? 0)) || 0,
  list: (...values) => values,
  dict: (...pairs) =>
    Object.fromEntries(pairs.flatMap((key, at) => (at % 2 === 0 ? [[text(key), pairs[at + 1]]] : []))),
  // The first that has a key gives it.
  merge: (...maps) => Object.assign({}, ...maps.map(withoutMaps).reverse()),
  has: (value, list) => ((list ?? []) as unknown[]).includes(value),
  hasKey: (map, key) => Object.hasOwn(map as object, text(key)),
  omit: (map, ...keys) =>
    Object.fromEntries(Object.entries(map as object).filter(([key]) => !keys.includes(key))),
  // Helm
  toYaml: (value) => stringify(value, { lineWidth: 0, sortMapEntries: true }).trimEnd(),
  fromYaml: (value) => parse(text(value)),
  fail: (message) => {
    throw new ChartRefusal(text(message));
  },
};

/** The chart itself says no. */
export class ChartRefusal extends Error {
  override name = "ChartRefusal";
}

/** Go: false, 0, nil and what is empty count as false. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** As a value is printed; Helm prints nothing for what is missing. */
export function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object")
    throw new Error(`a ${Array.isArray(value) ? "list" : "map"} is printed as it is`);
  return String(value);
}

/** A key that is missing gives nothing; a key of nothing is an error, as in Go. */
export function at(value: unknown, key: unknown): unknown {
  if (value === undefined || value === null) throw new Error(`nil pointer evaluating interface {}.${key}`);
  if (typeof value !== "object") throw new Error(`can't evaluate field ${key} in type ${typeof value}`);
  const found = (value as Record<string, unknown>)[String(key)];
  return found === null ? undefined : found;
}

function comparable(value: unknown): unknown {
  if (typeof value === "object" && value !== null) throw new Error("maps and lists cannot be compared");
  return value ?? null;
}

function indent(count: number, value: string): string {
  const space = " ".repeat(count);
  return space + value.replaceAll("\n", `\n${space}`);
}

function sprintf(format: string, values: unknown[]): string {
  let next = 0;
  return format.replace(/%(.)/g, (_, verb: string) => {
    if (verb === "%") return "%";
    const value = values[next++];
    if (verb === "s" || verb === "v") return text(value);
    if (verb === "d") return String(Math.trunc(Number(value)));
    if (verb === "q") return JSON.stringify(text(value));
    throw new Error(`printf: %${verb} is not known here`);
  });
}

function withoutMaps(map: unknown): object {
  const nested = Object.values(map as object).some((value) => typeof value === "object" && value !== null);
  if (nested) throw new Error("merge: maps within maps are not known here");
  return map as object;
}
