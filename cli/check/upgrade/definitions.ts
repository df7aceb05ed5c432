import { installedDefinitions } from "#k8s/installation/mod.ts";
import type { KubeObject } from "#k8s/mod.ts";
import { configKinds, type UpgradeFacts } from "./facts.ts";
import { type Finding, finding, named } from "./finding.ts";

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
}

interface Definition {
  metadata: KubeObject["metadata"];
  spec: {
    names: { kind: string; plural: string };
    versions: { name: string; schema?: { openAPIV3Schema?: Schema } }[];
    conversion?: { strategy?: string; webhook?: { clientConfig?: { service?: { name?: string } } } };
  };
  status?: { storedVersions?: string[] };
}

const group = "metallb.io";

/** The CRDs of metallb.io there, field by field against ours: what a replacement takes away, and what it brings. */
export function judgeDefinitions(facts: UpgradeFacts): Finding[] {
  if (!facts.definitions) return [];
  const theirs = new Map(
    facts.definitions
      .filter(({ spec }) => (spec as { group?: string } | undefined)?.group === group)
      .map((object) => [object.metadata.name, object as unknown as Definition]),
  );
  const ours = new Map(
    installedDefinitions.map((object) => [object.metadata.name, object as unknown as Definition]),
  );
  const missing = [...ours.keys()].filter((name) => !theirs.has(name));
  const unknown = [...theirs.keys()].filter((name) => !ours.has(name));
  const compared = [...theirs.values()].flatMap((definition) => {
    const own = ours.get(definition.metadata.name);
    return own ? compare(definition, own, facts) : [];
  });
  const isSame = !compared.some(({ code }) => code === "crd.fields-used" || code === "crd.fields-unused");
  return [
    ...(theirs.size > 0 && isSame ? [finding("crd.ok", { count: theirs.size - unknown.length })] : []),
    ...(missing.length > 0 ? [finding("crd.missing", { names: missing.join(", ") })] : []),
    ...(unknown.length > 0 ? [finding("crd.unknown", { names: unknown.join(", ") })] : []),
    ...compared,
    ...ownedByHelm([...theirs.values()]),
  ];
}

function compare(theirs: Definition, ours: Definition, facts: UpgradeFacts): Finding[] {
  const crd = theirs.metadata.name;
  const found: Finding[] = [];
  for (const { name: version, schema } of theirs.spec.versions) {
    const own = ours.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
    if (!own) continue;
    const [before, after] = [pathsOf(schema?.openAPIV3Schema ?? {}), pathsOf(own)];
    const lost = outermost([...before].filter((path) => !covers(after, path)));
    const added = outermost([...after].filter((path) => !covers(before, path)));
    const users = objectsUsing(theirs, lost, facts);
    const fields = named(lost);
    if (users.length > 0) {
      found.push(finding("crd.fields-used", { crd, version, fields, objects: named(users) }));
    } else if (lost.length > 0) found.push(finding("crd.fields-unused", { crd, version, fields }));
    if (added.length > 0) found.push(finding("crd.fields-added", { crd, version, fields: named(added) }));
  }
  const served = new Set(ours.spec.versions.map(({ name }) => name));
  const stored = (theirs.status?.storedVersions ?? []).filter((version) => !served.has(version));
  if (stored.length > 0) found.push(finding("crd.stored", { crd, versions: stored.join(", ") }));
  const { conversion } = theirs.spec;
  if (conversion?.strategy === "Webhook") {
    const service = conversion.webhook?.clientConfig?.service?.name ?? "?";
    found.push(finding("crd.conversion", { crd, service }));
  }
  return found;
}

const anything = "*";

/** Every field as a path: `spec.nodeSelectors[].matchLabels`; `.*` where any name is allowed. */
function pathsOf(schema: Schema, at = ""): Set<string> {
  const paths = new Set<string>();
  const add = (path: string, inner: Schema) => {
    paths.add(path);
    for (const deeper of pathsOf(inner, path)) paths.add(deeper);
  };
  if (schema["x-kubernetes-preserve-unknown-fields"] || schema.additionalProperties) {
    paths.add(at === "" ? anything : `${at}.${anything}`);
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    // Every object has these; schemas may leave them out.
    if (at === "" && ["apiVersion", "kind", "metadata"].includes(name)) continue;
    add(at === "" ? name : `${at}.${name}`, inner);
  }
  if (schema.items) for (const deeper of pathsOf(schema.items, `${at}[]`)) paths.add(deeper);
  return paths;
}

function covers(paths: ReadonlySet<string>, path: string): boolean {
  if (paths.has(path) || paths.has(anything)) return true;
  for (let at = path.lastIndexOf("."); at > 0; at = path.lastIndexOf(".", at - 1)) {
    if (paths.has(`${path.slice(0, at)}.${anything}`)) return true;
  }
  return false;
}

/** Without what lies inside another of them. */
function outermost(paths: readonly string[]): string[] {
  return paths
    .filter((path) => !paths.some((outer) => path.startsWith(`${outer}.`) || path.startsWith(`${outer}[]`)))
    .sort();
}

/** Objects whose spec has one of the fields; status is written anew by whoever owns it. */
function objectsUsing({ spec }: Definition, lost: readonly string[], facts: UpgradeFacts): string[] {
  const entry = Object.entries(configKinds).find(([, { plural }]) => plural === spec.names.plural);
  const objects = entry ? facts.configuration[entry[0] as keyof typeof configKinds] : [];
  const inSpec = lost.filter((path) => path.startsWith("spec"));
  return objects
    .filter((object) => inSpec.some((path) => hasField(object, path.split("."))))
    .map(({ metadata }) => metadata.name);
}

function hasField(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return value !== undefined;
  const isList = step.endsWith("[]");
  const name = isList ? step.slice(0, -2) : step;
  const inner =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  if (isList) return Array.isArray(inner) && inner.some((item) => hasField(item, rest));
  return hasField(inner, rest);
}

/** Helm deletes what its release has and its next manifests have not, unless the object itself says keep. */
function ownedByHelm(definitions: readonly Definition[]): Finding[] {
  const atRisk = definitions.filter(({ metadata: { annotations = {} } }) => {
    return annotations["meta.helm.sh/release-name"] && annotations["helm.sh/resource-policy"] !== "keep";
  });
  const byRelease = Map.groupBy(atRisk, ({ metadata }) =>
    String(metadata.annotations?.["meta.helm.sh/release-name"]),
  );
  return [...byRelease].map(([release, owned]) => {
    const names = owned.map(({ metadata }) => metadata.name);
    return finding("crd.helm", { release, names: named(names), list: names.join(" ") });
  });
}
