import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { ChartRefusal, isTrue } from "./functions.ts";
import { type Node, parseTemplate } from "./parse.ts";
import { run } from "./run.ts";
import { schemaFaults } from "./schema.ts";

export interface RenderOptions {
  /** Directory of the chart. */
  chart: string;
  release: string;
  namespace: string;
  /** As of `--values`: laid over values.yaml; null takes a key away. */
  values?: Record<string, unknown>;
}

export interface Rendered {
  objects: Record<string, unknown>[];
  notes: string;
}

/** `helm template` (and the notes of `helm install`) for a chart without subcharts. */
export function renderChart({ chart, release, namespace, values = {} }: RenderOptions): Rendered {
  const directory = join(chart, "templates");
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(yaml|tpl|txt)$/.test(path),
  );
  const parsed = paths.sort().map((path) => ({ path, ...parseFile(join(directory, path)) }));
  const defined = new Map<string, Node[]>(parsed.flatMap((template) => [...template.defined]));
  const { name, version, appVersion, kubeVersion } = parse(readFileSync(join(chart, "Chart.yaml"), "utf8"));
  const Values = merged(parse(readFileSync(join(chart, "values.yaml"), "utf8")), values);
  const faults = schemaFaults(Values, JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")));
  if (faults.length > 0) throw new ChartRefusal(faults.join("; "));
  const root = {
    Values,
    Chart: { Name: name, Version: version, AppVersion: appVersion, KubeVersion: kubeVersion },
    Release: { Name: release, Namespace: namespace, Service: "Helm" },
  };
  const printed = parsed
    .filter(({ path }) => !basename(path).startsWith("_"))
    .map(({ path, body }) => ({ path, text: inFile(path, () => run(body, root, defined)) }));
  return {
    objects: printed
      .filter(({ path }) => path !== "NOTES.txt")
      .flatMap(({ path, text }) => inFile(path, () => documents(text))),
    notes: printed.find(({ path }) => path === "NOTES.txt")?.text ?? "",
  };
}

/** The objects of a text with several documents; empty ones are none. */
export function documents(text: string): Record<string, unknown>[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [fault] = document.errors;
    if (fault) throw fault;
    const value = document.toJS();
    return isTrue(value) ? [value] : [];
  });
}

function parseFile(path: string) {
  return inFile(path, () => parseTemplate(readFileSync(path, "utf8")));
}

function inFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Error) cause.message = `${path}: ${cause.message}`;
    throw cause;
  }
}

function merged(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over;
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key];
    else result[key] = key in base ? merged(base[key], value) : value;
  }
  return result;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
