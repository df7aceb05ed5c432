import { badRequest } from "../status_error.ts";

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/** Decides whether an object's labels are selected. */
export type LabelSelector = (labels: Labels | undefined) => boolean;

const noLabels: Labels = {};
const operators = ["in", "notin", "=", "==", "!=", ">", "<"];
const name = "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?";
const keyPattern = new RegExp(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?${name}$`);
const valuePattern = new RegExp(`^(${name})?$`);

/**
 * `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<2`: the grammar of apimachinery's `labels.Parse`. A key that is absent
 * satisfies `!=` and `notin`. Throws a 400 for a text that is not a selector.
 */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const tokens = tokenize(text);
  if (tokens.length === 0) return undefined;
  const requirements: Requirement[] = [];
  let at = 0;
  const next = () => tokens[at++] ?? "";
  for (;;) {
    requirements.push(parseRequirement(next, () => tokens[at] ?? ""));
    const separator = next();
    if (separator === "") break;
    if (separator !== ",") throw unexpected(separator, [",", "end of string"]);
  }
  return (labels) => requirements.every((matches) => matches(labels ?? noLabels));
}

function parseRequirement(next: () => string, peek: () => string): Requirement {
  const first = next();
  if (first === "!") {
    const key = checkedKey(next());
    return (labels) => labels[key] === undefined;
  }
  const key = checkedKey(first);
  const operator = peek();
  if (operator === "" || operator === ",") return (labels) => labels[key] !== undefined;
  next();
  switch (operator) {
    case "=":
    case "==": {
      const value = parseValue(next, peek);
      return (labels) => labels[key] === value;
    }
    case "!=": {
      const value = parseValue(next, peek);
      return (labels) => labels[key] !== value;
    }
    case "in": {
      const values = parseValues(next, peek);
      return (labels) => labels[key] !== undefined && values.has(labels[key]);
    }
    case "notin": {
      const values = parseValues(next, peek);
      return (labels) => labels[key] === undefined || !values.has(labels[key]);
    }
    case ">":
    case "<": {
      const text = next();
      if (!/^-?\d+$/.test(text)) {
        throw badRequest(
          `unable to parse requirement: values[0][${key}]: Invalid value: "${text}": for 'Gt', 'Lt' operators, the value must be an integer`,
        );
      }
      const bound = Number(text);
      const isAbove = operator === ">";
      return (labels) => {
        const value = labels[key];
        if (value === undefined || !/^-?\d+$/.test(value)) return false;
        return isAbove ? Number(value) > bound : Number(value) < bound;
      };
    }
    default:
      throw unexpected(operator, operators);
  }
}

function parseValue(next: () => string, peek: () => string): string {
  const isEmpty = peek() === "" || peek() === ",";
  return checkedValue(isEmpty ? "" : next());
}

function parseValues(next: () => string, peek: () => string): Set<string> {
  const open = next();
  if (open !== "(") throw unexpected(open, ["("]);
  const values = new Set<string>();
  for (;;) {
    values.add(peek() === "," || peek() === ")" ? "" : checkedValue(next()));
    const separator = next();
    if (separator === ")") return values;
    if (separator !== ",") throw unexpected(separator, [",", ")"]);
  }
}

function tokenize(text: string): string[] {
  return text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
}

function checkedKey(text: string): string {
  if (keyPattern.test(text)) return text;
  throw badRequest(
    `unable to parse requirement: <nil>: Invalid value: "${text}": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  );
}

function checkedValue(text: string): string {
  if (text.length <= 63 && valuePattern.test(text)) return text;
  throw badRequest(
    `unable to parse requirement: values[0]: Invalid value: "${text}": a valid label must be an empty string or consist of at most 63 alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
  );
}

function unexpected(found: string, expected: readonly string[]): Error {
  const list = expected.map((each) => `'${each}'`).join(", ");
  return badRequest(`unable to parse requirement: found '${found}', expected: ${list}`);
}

/** A `LabelSelector` object (`matchLabels`, `matchExpressions`) as the text that {@link parseLabelSelector} reads. */
export function labelSelectorText(selector: {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}): string {
  const labels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${(values ?? []).join(",")})`;
  });
  return [...labels, ...expressions].join(",");
}
