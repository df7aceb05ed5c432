import type { PolicyRule } from "../authorization/mod.ts";

/** The status of a SelfSubjectRulesReview: what `kubectl auth can-i --list` shows. RBAC tells all that it knows. */
export function rulesStatus(rules: readonly PolicyRule[]): Record<string, unknown> {
  return {
    resourceRules: rules
      .filter(({ resources }) => resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        ...{ verbs, apiGroups, resources },
        ...(resourceNames.length > 0 && { resourceNames }),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}
