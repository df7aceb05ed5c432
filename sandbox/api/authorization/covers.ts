import type { Attributes } from "./attributes.ts";
import { type PolicyRule, ruleAllows } from "./rules.ts";

/** One right: a rule with one verb of one resource, of one name at most, or of one path. */
interface Right {
  readonly rule: PolicyRule;
  readonly attributes: Attributes;
}

/** The rights among `wanted` that no rule of `held` covers (k8s.io/component-helpers `auth/rbac/validation.Covers`). */
export function missingRights(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted
    .flatMap(rightsOf)
    .filter(({ attributes }) => !held.some((rule) => ruleAllows(rule, attributes)))
    .map(({ rule }) => rule);
}

function rightsOf({ apiGroups, resources, verbs, resourceNames, nonResourceURLs }: PolicyRule): Right[] {
  const none: PolicyRule = {
    apiGroups: [],
    resources: [],
    verbs: [],
    resourceNames: [],
    nonResourceURLs: [],
  };
  const names = resourceNames.length === 0 ? [""] : resourceNames;
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => {
          const [plural = "", ...rest] = resource.split("/");
          const rule = { ...none, apiGroups: [group], resources: [resource], verbs: [verb] };
          return {
            rule: name === "" ? rule : { ...rule, resourceNames: [name] },
            attributes: { verb, group, resource: plural, subresource: rest.join("/"), namespace: "", name },
          };
        }),
      ),
    ),
  );
  const ofPaths = nonResourceURLs.flatMap((path) =>
    verbs.map((verb) => ({
      rule: { ...none, nonResourceURLs: [path], verbs: [verb] },
      attributes: { verb, path },
    })),
  );
  return [...ofResources, ...ofPaths];
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` of each: rights of one resource are one line. */
export function describeRights(rights: readonly PolicyRule[]): string[] {
  const byResource = new Map<string, PolicyRule>();
  for (const right of rights) {
    // As a real server: paths are not drawn together.
    const verb = right.nonResourceURLs.length > 0 ? right.verbs : [];
    const key = JSON.stringify({ ...right, verbs: verb });
    const known = byResource.get(key);
    byResource.set(key, known ? { ...known, verbs: [...known.verbs, ...right.verbs] } : right);
  }
  return [...new Set([...byResource.values()].map(describe))].sort();
}

function describe({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts = { APIGroups: apiGroups, Resources: resources, NonResourceURLs: nonResourceURLs };
  const all = Object.entries({ ...parts, ResourceNames: resourceNames, Verbs: verbs });
  const shown = all.filter(([, list]) => list.length > 0).map(([name, list]) => `${name}:${quoted(list)}`);
  return `{${shown.join(", ")}}`;
}

/** As Go prints a list of texts by `%q`. */
export function quoted(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(" ")}]`;
}
