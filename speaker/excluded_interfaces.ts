import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { parseDocument } from "yaml";
import { compileExclusions } from "#core/l2/mod.ts";

/** Where MetalLB's manifests mount the ConfigMap `metallb-excludel2`. */
const mountedFile = "/etc/metallb/excludel2.yaml";

const key = "announcedInterfacesToExclude";
const mapping = v.custom<object>(
  (value) => typeof value === "object" && !Array.isArray(value),
  "it is no mapping",
);
const schema = v.nullish(v.pipe(mapping, v.looseObject({ [key]: v.nullish(v.array(v.string()), []) })), {});

/**
 * The interfaces on which nothing is announced, from MetalLB's file: a list of regular expressions under
 * `announcedInterfacesToExclude`, each matching anywhere in a name. A file that is not there excludes nothing, as with
 * MetalLB; one that cannot be understood is an Error that says what is wrong, for announcing on the wrong interface
 * is worse than not starting.
 */
export async function readExcludedInterfaces(
  path = mountedFile,
): Promise<{ patterns: string[]; path: string; isThere: boolean }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return { patterns: [], path, isThere: false };
    throw new Error(`cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  return { patterns: parseExcludedInterfaces(text, path), path, isThere: true };
}

/** The expressions as JavaScript reads them. Throws an Error that names the file, the entry and what is allowed. */
export function parseExcludedInterfaces(text: string, path: string): string[] {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new Error(`cannot read ${path}: it is not YAML: ${fault.message.split("\n")[0]}`);
  const parsed = v.safeParse(schema, document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? "the file";
    throw new Error(
      `cannot read ${path}: ${where}: ${issue.message}; allowed is "${key}:" with a list of regular expressions, such as "^docker.*"`,
    );
  }
  const patterns = parsed.output?.[key] ?? [];
  return patterns.map((pattern, index) => {
    const problem = problemOf(pattern);
    if (problem === undefined) return translate(pattern);
    throw new Error(
      `cannot read ${path}: ${key}[${index}] is "${pattern}", which is no regular expression: ${problem}; allowed is one that matches names of interfaces, such as "^docker.*" or "^(eth1|bond0)$"`,
    );
  });
}

function problemOf(pattern: string): string | undefined {
  const unknown = /\\[pPQEC]|\[:(?!(?:alpha|digit|alnum|lower|upper|space|word|xdigit):\])/.exec(pattern);
  if (unknown) return `"${unknown[0]}" is not understood here`;
  try {
    compileExclusions([translate(pattern)]);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(
      /^Invalid regular expression: /,
      "",
    );
  }
}

const classes: Record<string, string> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "0-9a-zA-Z",
  lower: "a-z",
  upper: "A-Z",
  space: "\\s",
  word: "\\w",
  xdigit: "0-9a-fA-F",
};

/** MetalLB's expressions are RE2's (github.com/google/re2/wiki/Syntax); what it spells otherwise than JavaScript. */
function translate(pattern: string): string {
  const flags = /^\(\?([is]+)\)/.exec(pattern);
  const rest = (flags ? pattern.slice(flags[0].length) : pattern)
    .replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$")
    .replaceAll("(?P<", "(?<");
  return flags ? `(?${flags[1]}:${rest})` : rest;
}
