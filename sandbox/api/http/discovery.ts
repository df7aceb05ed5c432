import { compareVersions, type Kind, type Registry } from "../kinds/mod.ts";
import type { ReviewKind } from "../reviews/mod.ts";

type Json = Record<string, unknown>;

const objectVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const subresourceVerbs = ["get", "patch", "update"];
/** What is no object of its own: connections into a pod, and its log. */
const podStreams = [
  { name: "attach", kind: "PodAttachOptions", verbs: ["create", "get"] },
  { name: "exec", kind: "PodExecOptions", verbs: ["create", "get"] },
  { name: "log", kind: "Pod", verbs: ["get"] },
  { name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"] },
];

/** By its group and version kubectl knows whether a drain may evict. */
const eviction = {
  name: "eviction",
  responseKind: { group: "policy", version: "v1", kind: "Eviction" },
  verbs: ["create"],
};
const token = {
  name: "token",
  responseKind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
  verbs: ["create"],
};

/** Groups in the order in which kubectl resolves a name that several of them have: the core group, then as added. */
interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

/** What there is to be asked for, in the old form (a list of groups, a list per group and version) and aggregated. */
export class Discovery {
  readonly #registry: Registry;
  readonly #reviews: readonly ReviewKind[];
  #aggregated = new Map<string, { generation: number; json: string; etag: string }>();

  constructor(registry: Registry, reviews: readonly ReviewKind[]) {
    this.#registry = registry;
    this.#reviews = reviews;
  }

  groups(): Group[] {
    const versions = new Map<string, Set<string>>();
    for (const { group, version } of [...this.#registry.all(), ...this.#reviews]) {
      versions.set(group, (versions.get(group) ?? new Set()).add(version));
    }
    return [...versions].map(([name, set]) => ({ name, versions: [...set].sort(compareVersions) }));
  }

  /** `/apis`. */
  groupList(): Json {
    const groups = this.groups().filter(({ name }) => name !== "");
    return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(apiGroup) };
  }

  /** `/apis/<group>`. */
  group(name: string): Json | undefined {
    const group = this.groups().find((each) => each.name === name);
    return group && { kind: "APIGroup", apiVersion: "v1", ...apiGroup(group) };
  }

  /** `/api/v1`, `/apis/<group>/<version>`. */
  resourceList(group: string, version: string): Json | undefined {
    const kinds = this.#kinds(group, version);
    const reviews = this.#reviewsOf(group, version);
    if (kinds.length + reviews.length === 0) return undefined;
    const groupVersion = group === "" ? version : `${group}/${version}`;
    const resources = [...kinds.flatMap(legacyResources), ...reviews.map(legacyReview)];
    return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
  }

  /** `/api` (the core group) or `/apis` (the others) in the aggregated form; made again only when kinds change. */
  aggregated(root: "api" | "apis"): { json: string; etag: string } {
    const known = this.#aggregated.get(root);
    if (known?.generation === this.#registry.generation) return known;
    const items = this.groups()
      .filter(({ name }) => (name === "") === (root === "api"))
      .map(({ name, versions }) => ({
        metadata: { ...(name === "" ? {} : { name }), creationTimestamp: null },
        versions: versions.map((version) => ({
          version,
          freshness: "Current",
          resources: [
            ...this.#kinds(name, version).map(aggregatedResource),
            ...this.#reviewsOf(name, version).map(aggregatedReview),
          ],
        })),
      }));
    const json = JSON.stringify({
      kind: "APIGroupDiscoveryList",
      apiVersion: "apidiscovery.k8s.io/v2",
      metadata: {},
      items,
    });
    const etag = `"${Bun.hash(json).toString(16).toUpperCase()}"`;
    const made = { generation: this.#registry.generation, json, etag };
    this.#aggregated.set(root, made);
    return made;
  }

  #kinds(group: string, version: string): Kind[] {
    return [...this.#registry.all()].filter((kind) => kind.group === group && kind.version === version);
  }

  #reviewsOf(group: string, version: string): ReviewKind[] {
    return this.#reviews.filter((kind) => kind.group === group && kind.version === version);
  }
}

function apiGroup({ name, versions }: Group): Json {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}

function subresourcesOf(kind: Kind): { name: string; responseKind: Json; verbs: readonly string[] }[] {
  const { group, version } = kind;
  const verbs = subresourceVerbs;
  const isPod = group === "" && kind.plural === "pods";
  const streams = isPod ? podStreams : [];
  return [
    ...(kind.hasStatus ? [{ name: "status", responseKind: { group, version, kind: kind.kind }, verbs }] : []),
    ...(kind.scale
      ? [{ name: "scale", responseKind: { group: "autoscaling", version: "v1", kind: "Scale" }, verbs }]
      : []),
    ...(isPod ? [eviction] : []),
    ...(group === "" && kind.plural === "serviceaccounts" ? [token] : []),
    ...streams.map((each) => ({
      name: each.name,
      responseKind: { group, version, kind: each.kind },
      verbs: each.verbs,
    })),
  ];
}

function legacyResources(kind: Kind): Json[] {
  const { plural, singular, namespaced, shortNames, categories } = kind;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind: kind.kind,
      verbs: objectVerbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
      storageVersionHash: "",
    },
    ...subresourcesOf(kind).map(({ name, responseKind, verbs }) => ({
      name: `${plural}/${name}`,
      singularName: "",
      namespaced,
      ...responseKind,
      verbs,
    })),
  ];
}

function legacyReview({ plural, singular, namespaced, kind }: ReviewKind): Json {
  return { name: plural, singularName: singular, namespaced, kind, verbs: ["create"] };
}

function aggregatedResource(kind: Kind): Json {
  const { group, version, plural, singular, namespaced, shortNames, categories } = kind;
  const subresources = subresourcesOf(kind).map(({ name, responseKind, verbs }) => ({
    subresource: name,
    responseKind,
    verbs,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind: kind.kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: objectVerbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function aggregatedReview({ group, version, plural, singular, namespaced, kind }: ReviewKind): Json {
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs: ["create"],
  };
}
