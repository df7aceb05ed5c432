/**
 * Failure story 32: a webhook's Service whose selector says too little sends reviews to Pods of others. Whatever selects
 * Pods, in the manifests and in the chart, names the application and the component, and a release of the chart itself.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { renderChart } from "./helm/mod.ts";

type Labels = Readonly<Record<string, string>>;
type Tree = { readonly [field: string]: unknown };

interface Selector {
  /** `Service metallb-webhook-service spec.selector`. */
  readonly where: string;
  readonly labels: Labels;
}

const root = join(import.meta.dir, "..");
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;
const at = (object: unknown, ...path: string[]): Tree => {
  let value: unknown = object;
  for (const field of path) value = isTree(value) ? value[field] : undefined;
  return isTree(value) ? value : {};
};
const nameOf = (object: Tree) => `${String(object.kind)} ${String(at(object, "metadata").name)}`;

async function manifests(): Promise<Tree[]> {
  const files = [
    ...new Bun.Glob("{base,networkpolicies,with-prometheus}/*.yaml").scanSync(join(root, "k8s", "manifests")),
  ];
  const texts = await Promise.all(files.map((file) => Bun.file(join(root, "k8s", "manifests", file)).text()));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Tree));
}

async function chart(): Promise<Tree[]> {
  const values = {
    networkpolicies: { enabled: true },
    prometheus: { podMonitor: { enabled: true }, rbacPrometheus: false },
  };
  const options = { chart: join(root, "k8s", "chart"), release: "metallb", namespace: "metallb-system" };
  return renderChart({ ...options, values }).objects as Tree[];
}

const sources = { "k8s/manifests": await manifests(), "k8s/chart": await chart() };
const ownKeys = {
  "k8s/manifests": ["app", "component"],
  "k8s/chart": ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"],
} as const;

/** Every selector of Pods, wherever in an object it stands; what Pods select by an expression counts as nothing. */
function selectorsOf(object: Tree): Selector[] {
  const found: Selector[] = [];
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, `${path}[${index}]`);
    else if (isTree(value)) {
      for (const [field, inner] of Object.entries(value)) {
        const here = path === "" ? field : `${path}.${field}`;
        const where = `${nameOf(object)} ${here}`;
        if (
          ["podSelector", "labelSelector"].includes(field) ||
          (field === "selector" && object.kind !== "Service")
        )
          found.push({ where, labels: at(inner, "matchLabels") as Labels });
        else if (field === "selector") found.push({ where, labels: inner as Labels });
        else walk(inner, here);
      }
    }
  };
  if (!/CustomResourceDefinition|WebhookConfiguration/.test(String(object.kind)))
    walk(at(object, "spec"), "spec");
  return found;
}

/** `METALLB_ML_LABELS` says which Pods are speakers. */
function memberLabels(object: Tree): Selector[] {
  const containers = at(object, "spec", "template", "spec").containers;
  const all = Array.isArray(containers) ? containers : [];
  return all.flatMap((container: unknown) => {
    const { env } = at(container) as { env?: { name: string; value?: string }[] };
    const text = env?.find(({ name }) => name === "METALLB_ML_LABELS")?.value;
    if (text === undefined) return [];
    const pairs = text.split(",").map((pair) => pair.split("=") as [string, string]);
    return [{ where: `${nameOf(object)} METALLB_ML_LABELS`, labels: Object.fromEntries(pairs) }];
  });
}

const selects = (selector: Labels, pod: Labels) =>
  Object.entries(selector).every(([key, value]) => pod[key] === value);

describe.each(Object.entries(sources))("story 32: what selects Pods in %s", (source, objects) => {
  const templates = objects
    .filter(({ kind }) => kind === "Deployment" || kind === "DaemonSet")
    .map((object) => at(object, "spec", "template", "metadata", "labels") as Labels);
  const keys = ownKeys[source as keyof typeof ownKeys];
  // A policy that denies everything is about its whole namespace on purpose.
  const found = objects
    .flatMap((object) => [...selectorsOf(object), ...memberLabels(object)])
    .filter(({ where }) => !/^NetworkPolicy \S*default-deny /.test(where));

  test("is there: of a controller and of a speaker, and of more than those", () => {
    expect(templates).toHaveLength(2);
    expect(found.length).toBeGreaterThan(5);
    for (const kind of ["Service ", "PodDisruptionBudget ", "NetworkPolicy ", "DaemonSet ", "Deployment "])
      expect([kind, found.some(({ where }) => where.startsWith(kind))]).toEqual([kind, true]);
    expect(found.some(({ where }) => where.endsWith("METALLB_ML_LABELS"))).toBe(true);
  });

  test.each(found.map(({ where, labels }) => [where, labels] as const))("%s", (_, labels) => {
    expect(Object.keys(labels)).toEqual(expect.arrayContaining([...keys]));
    // Exactly one of ours; and none of anybody who has all labels of ours but one.
    const [chosen, ...others] = templates.filter((template) => selects(labels, template));
    expect([chosen === undefined, others]).toEqual([false, []]);
    for (const key of keys) expect(selects(labels, { ...chosen, [key]: "of-somebody-else" })).toBe(false);
  });
});
