/**
 * Writes `types.txt` beside this file: the fields of the built-in kinds, read from the models of the installed
 * `@kubernetes/client-node`. Run by hand after an update of that package: `bun sandbox/api/schema/kubernetes/generate.ts`.
 */
import { dirname, join } from "node:path";
import { builtInRoots } from "./roots.ts";

interface Attribute {
  baseName: string;
  name: string;
  type: string;
  format: string;
}

const packageDirectory = join(
  dirname(Bun.resolveSync("@kubernetes/client-node", import.meta.dir)),
  "gen",
  "models",
);
/** Enough for `kubectl explain` to be useful; the whole texts would be three times as long. */
const descriptionCharactersMax = 240;
/** Plain types of the generated client, and ours. */
const plainTypes: Record<string, string> = {
  string: "string",
  boolean: "boolean",
  number: "double",
  any: "any",
  Date: "date-time",
  V1MicroTime: "date-time-micro",
  IntOrString: "int-or-string",
};

const blocks = new Map<string, string>();
const waiting: string[] = [...builtInRoots];
for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
  if (blocks.has(name)) continue;
  const { text, references } = await describe(name);
  blocks.set(name, text);
  waiting.push(...references);
}
const header = [
  "# Fields of the built-in kinds: name, ! where required, type, description. Written by generate.ts; do not edit.",
  "# Source: the Kubernetes API reference as published by @kubernetes/client-node, Apache License 2.0.",
];
const body = [...blocks.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
await Bun.write(join(import.meta.dir, "types.txt"), `${[...header, ...body].join("\n")}\n`);
console.log(`${blocks.size} types`);

async function describe(name: string): Promise<{ text: string; references: string[] }> {
  const declaration = await Bun.file(join(packageDirectory, `${name}.d.ts`)).text();
  const model = (await import(join(packageDirectory, `${name}.js`))) as Record<
    string,
    { attributeTypeMap: Attribute[] }
  >;
  const documented = new Map<string, { isRequired: boolean; description: string }>();
  const fields = /(?:\/\*\*\n {4}\* (.*)\n {4}\*\/\n)? {4}'(.*?)'(\??): /g;
  for (const [, description = "", field = "", optional] of declaration.matchAll(fields)) {
    documented.set(field, { isRequired: optional === "", description: shorten(description) });
  }
  const about = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/.exec(declaration)?.[1] ?? "";
  const references: string[] = [];
  const lines = (model[name]?.attributeTypeMap ?? []).map(({ baseName, name: field, type, format }) => {
    const { isRequired, description } = documented.get(field) ?? { isRequired: false, description: "" };
    return ` ${baseName}${isRequired ? "!" : ""} ${typeText(type, format, references)} ${description}`.trimEnd();
  });
  return { text: [`${name} ${shorten(about)}`.trimEnd(), ...lines].join("\n"), references };
}

function typeText(type: string, format: string, references: string[]): string {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) return `[${typeText(list, format, references)}]`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined) return `{${typeText(map, format, references)}}`;
  if (type === "number" && format !== "") return format;
  if (type === "string" && format === "byte") return "byte";
  const plain = plainTypes[type];
  if (plain !== undefined) return plain;
  references.push(type);
  return type;
}

function shorten(description: string): string {
  const text = description
    .replace(/\\(["'`])/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
  if (text.length <= descriptionCharactersMax) return text;
  const whole = text.slice(0, descriptionCharactersMax);
  const end = whole.lastIndexOf(". ");
  return end > 60 ? whole.slice(0, end + 1) : `${whole.slice(0, whole.lastIndexOf(" "))} ...`;
}
