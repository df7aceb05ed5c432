import type { Attributes } from "./attributes.ts";

/** A PolicyRule as it is written in a Role (rbac.authorization.k8s.io/v1). */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** The rules of a Role or ClusterRole; what is no list of texts counts as empty. */
export function policyRules(role: Record<string, unknown>): PolicyRule[] {
  const rules = Array.isArray(role.rules) ? role.rules : [];
  return rules.map((rule) => ({
    verbs: texts(rule?.verbs),
    apiGroups: texts(rule?.apiGroups),
    resources: texts(rule?.resources),
    resourceNames: texts(rule?.resourceNames),
    nonResourceURLs: texts(rule?.nonResourceURLs),
  }));
}

/**
 * Whether the rule allows it (k8s.io/component-helpers `auth/rbac/validation`): `*` stands for every verb, group and
 * resource; `pods` does not cover `pods/status`, and `*` + `/status` covers that subresource of every resource.
 */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if ("path" in attributes) return rule.nonResourceURLs.some((url) => urlCovers(url, attributes.path));
  const { group, resource, subresource, name } = attributes;
  const wanted = subresource === "" ? resource : `${resource}/${subresource}`;
  const coversResource =
    has(rule.resources, wanted) || (subresource !== "" && rule.resources.includes(`*/${subresource}`));
  const coversName = rule.resourceNames.length === 0 || rule.resourceNames.includes(name);
  return has(rule.apiGroups, group) && coversResource && coversName;
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes("*") || list.includes(wanted);
}

/** A final `*` stands for anything that follows. */
function urlCovers(url: string, path: string): boolean {
  return url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1)));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
