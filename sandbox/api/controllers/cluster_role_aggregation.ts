import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isEqual, records } from "../object.ts";
import { type ApiContext, updateObject } from "../operations/mod.ts";
import { labelSelectorText, parseLabelSelector } from "../selectors/mod.ts";

/**
 * Keeps the rules of each ClusterRole with an `aggregationRule` equal to those of the roles that it selects, in order of
 * their names and each rule once (kubernetes.io "Using RBAC Authorization", Aggregated ClusterRoles). An aggregate may
 * select another, as `admin` does `edit`: a change passes on until nothing changes any more.
 */
export function runClusterRoleAggregation(context: ApiContext): void {
  const roles = context.store.collection("clusterroles.rbac.authorization.k8s.io");
  const kind = context.registry.find("rbac.authorization.k8s.io", "v1", "clusterroles") as Kind;

  const renew = (name: string) => {
    const role = roles.get("", name)?.object;
    const selectors = role && selectorsOf(role);
    if (selectors === undefined) return;
    const rules: Record<string, unknown>[] = [];
    // A real controller does not look at the role itself either.
    for (const { object } of roles.list()) {
      const { name: other, labels = {} } = object.metadata;
      if (other === name || !selectors.some((selects) => selects(labels))) continue;
      for (const rule of records(object, "rules")) {
        if (!rules.some((each) => isEqual(each, rule))) rules.push(rule);
      }
    }
    if (isEqual(rules, role?.rules ?? [])) return;
    const change = (current: KubeObject) => ({ ...current, rules: structuredClone(rules) });
    updateObject(context, kind, { namespace: "", name }, change, {
      fieldManager: "clusterrole-aggregation-controller",
    });
  };

  for (const { name } of roles.list()) renew(name);
  roles.subscribe({}, ({ type, before, after }) => {
    if (type === "MODIFIED" && before && isSame(before.object, after.object)) return;
    for (const { name } of roles.list()) renew(name);
  });
}

function isSame(before: KubeObject, after: KubeObject): boolean {
  return (
    isEqual(before.rules, after.rules) &&
    isEqual(before.metadata.labels, after.metadata.labels) &&
    isEqual(before.aggregationRule, after.aggregationRule)
  );
}

/** Undefined for a role that is no aggregate; a selector that cannot be read selects nothing. */
function selectorsOf(role: KubeObject): ((labels: Record<string, string>) => boolean)[] | undefined {
  if (role.aggregationRule === undefined || role.aggregationRule === null) return undefined;
  return records(role.aggregationRule, "clusterRoleSelectors").flatMap((selector) => {
    try {
      return [parseLabelSelector(labelSelectorText(selector)) ?? (() => true)];
    } catch {
      return [];
    }
  });
}
