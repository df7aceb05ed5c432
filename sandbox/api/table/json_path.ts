import { isRecord } from "../object.ts";

type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all" }
  | {
      readonly kind: "filter";
      readonly path: readonly Step[];
      readonly operator: string;
      readonly value: unknown;
    };

/** Finds the values that the path leads to, in order; none where it leads nowhere. */
export type JsonPath = (object: unknown) => unknown[];

/**
 * The JSONPath of printer columns and of CRD subresources: `.spec.replicas`, `.metadata.labels['a.b']`, `.items[0]`,
 * `.items[*]`, `.status.conditions[?(@.type=="Ready")].status`. Undefined for a text that is none of these.
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps = parseSteps(text.trim().replace(/^\$/, ""));
  return steps && ((object) => follow([object], steps));
}

/** The plain field names of a path without indexes and filters, for writing at it; undefined for any other. */
export function fieldNames(text: string): string[] | undefined {
  const steps = parseSteps(text);
  if (steps === undefined) return undefined;
  const names = steps.flatMap((step) => (step.kind === "field" ? [step.name] : []));
  return names.length === steps.length ? names : undefined;
}

function parseSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== "") {
    const match =
      /^\.((?:\\.|[^.[\]\\])+)/.exec(rest) ??
      /^\.?\[\s*(?:'([^']*)'|"([^"]*)")\s*\]/.exec(rest) ??
      /^\.?\[\s*(-?\d+|\*)\s*\]/.exec(rest);
    const filter = /^\[\?\(\s*@((?:\.[^=!<>\s]+|\[[^\]]*\])*)\s*(==|!=|<=|>=|<|>)\s*([^)]*?)\s*\)\]/.exec(
      rest,
    );
    if (filter !== null) {
      const path = parseSteps(filter[1] ?? "");
      if (path === undefined) return undefined;
      steps.push({ kind: "filter", path, operator: filter[2] ?? "", value: literal(filter[3] ?? "") });
      rest = rest.slice(filter[0].length);
      continue;
    }
    if (match === null) return undefined;
    const token = match[1] ?? match[2] ?? "";
    if (!match[0].includes("[")) {
      steps.push(token === "*" ? { kind: "all" } : { kind: "field", name: token.replace(/\\(.)/g, "$1") });
    } else if (/['"]/.test(match[0])) steps.push({ kind: "field", name: token });
    else steps.push(token === "*" ? { kind: "all" } : { kind: "index", index: Number(token) });
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function literal(text: string): unknown {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted) return quoted[2];
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function follow(values: unknown[], steps: readonly Step[]): unknown[] {
  return steps.reduce((found, step) => found.flatMap((value) => stepInto(value, step)), values);
}

function stepInto(value: unknown, step: Step): unknown[] {
  switch (step.kind) {
    case "field":
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case "index": {
      const item = Array.isArray(value) ? value.at(step.index) : undefined;
      return item === undefined ? [] : [item];
    }
    case "all":
      return Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
    case "filter":
      return Array.isArray(value)
        ? value.filter((item) => follow([item], step.path).some((found) => compare(found, step)))
        : [];
  }
}

function compare(found: unknown, { operator, value }: { operator: string; value: unknown }): boolean {
  if (operator === "==") return found === value;
  if (operator === "!=") return found !== value;
  const [left, right] = [Number(found), Number(value)];
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  return operator === "<=" ? left <= right : left >= right;
}
