import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isEqual, record, records, text } from "../object.ts";
import { type ApiContext, timestamp, updateObject } from "../operations/mod.ts";
import type { Collection } from "../store/mod.ts";
import { type BudgetCounts, budgetSelects, countBudget, isHealthy } from "./budget.ts";
import { expectedScale } from "./expected_scale.ts";

export const budgetsId = "poddisruptionbudgets.policy";
/** Kinds whose `spec.replicas` budgets count by. */
const scaled = ["deployments.apps", "replicasets.apps", "statefulsets.apps"];

/** Keeps the status of every PodDisruptionBudget true, in the same turn as the pods change. */
export function runDisruptionBudgets(context: ApiContext): void {
  const { store, registry } = context;
  const budgets = store.collection(budgetsId);
  const pods = store.collection("pods");
  const kind = registry.find("policy", "v1", "poddisruptionbudgets") as Kind;

  const renew = (namespace: string, name: string) => {
    const budget = budgets.get(namespace, name)?.object;
    if (budget === undefined) return;
    const selects = budgetSelects(budget);
    const selected = pods
      .list(namespace)
      .map(({ object }) => object)
      .filter(({ metadata }) => selects(metadata.labels ?? {}));
    const counts = countBudget(budget, selected, () => expectedScale(context, selected));
    const status = statusOf(budget, counts, timestamp(context.now()));
    const target = { namespace, name, subresource: "status" } as const;
    updateObject(context, kind, target, (current) => ({ ...current, status }), {});
  };
  const renewWhere = (namespace: string, concerns: (budget: KubeObject) => boolean) => {
    if (budgets.count(namespace) === 0) return;
    for (const { name, object } of budgets.list(namespace)) if (concerns(object)) renew(namespace, name);
  };

  for (const { namespace, name } of budgets.list()) renew(namespace, name);
  store.onChange((collection: Collection, { type, before, after }) => {
    const { namespace } = after;
    if (collection === budgets) {
      // Whoever else writes a status, it is ours to say.
      if (type !== "DELETED") renew(namespace, after.name);
    } else if (collection === pods) {
      if (type === "MODIFIED" && before && isSameForBudgets(before.object, after.object)) return;
      const states = before === undefined ? [after.object] : [before.object, after.object];
      renewWhere(namespace, (budget) => {
        const selects = budgetSelects(budget);
        return states.some(({ metadata }) => selects(metadata.labels ?? {}));
      });
    } else if (scaled.includes(collection.id)) {
      const replicas = (object: KubeObject | undefined) => record(object, "spec").replicas;
      if (type === "MODIFIED" && replicas(before?.object) === replicas(after.object)) return;
      renewWhere(namespace, () => true);
    }
  });
}

function isSameForBudgets(before: KubeObject, after: KubeObject): boolean {
  const [old, now] = [before.metadata, after.metadata];
  return (
    isHealthy(before) === isHealthy(after) &&
    isEqual(old.labels, now.labels) &&
    isEqual(old.ownerReferences, now.ownerReferences) &&
    (old.deletionTimestamp === undefined) === (now.deletionTimestamp === undefined)
  );
}

function statusOf(budget: KubeObject, counts: BudgetCounts | { unknown: string }, time: string) {
  const observedGeneration = budget.metadata.generation;
  if ("unknown" in counts) {
    // Fails safe: nothing may be evicted while it is not known how many there should be.
    const zero = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    const old = record(budget, "status");
    const condition = allowedCondition(budget, "False", "SyncFailed", counts.unknown, time);
    return { ...zero, ...old, observedGeneration, disruptionsAllowed: 0, conditions: [condition] };
  }
  const condition =
    counts.disruptionsAllowed > 0
      ? allowedCondition(budget, "True", "SufficientPods", "", time)
      : allowedCondition(budget, "False", "InsufficientPods", "", time);
  return { ...counts, observedGeneration, conditions: [condition] };
}

function allowedCondition(budget: KubeObject, status: string, reason: string, message: string, time: string) {
  const type = "DisruptionAllowed";
  const old = records(budget.status, "conditions").find((each) => text(each, "type") === type);
  const lastTransitionTime = old && text(old, "status") === status ? old.lastTransitionTime : time;
  const observedGeneration = budget.metadata.generation;
  return { type, status, observedGeneration, reason, message, lastTransitionTime };
}
