import type { KubeObject } from "#k8s/mod.ts";
import { record, records, text } from "../object.ts";
import { labelSelectorText, parseLabelSelector } from "../selectors/mod.ts";

/** How many pods a PodDisruptionBudget is about and how many of them must stay (PodDisruptionBudgetStatus). */
export interface BudgetCounts {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly disruptionsAllowed: number;
}

/** What the pods' controllers want: the sum of their replicas, or why it is not known. */
export type ExpectedScale = { readonly replicas: number } | { readonly unknown: string };

/** policy/v1: an empty selector is every pod of the namespace, none is no pod, and a wrong one matches nothing. */
export function budgetSelects(budget: KubeObject): (labels: Record<string, string>) => boolean {
  const spec = record(budget, "spec");
  if (spec.selector === undefined) return () => false;
  try {
    return parseLabelSelector(labelSelectorText(record(spec, "selector"))) ?? (() => true);
  } catch {
    return () => false;
  }
}

/** A pod is healthy when its condition Ready is True (kubernetes.io "Specifying a Disruption Budget", Healthiness). */
export function isHealthy(pod: KubeObject): boolean {
  return records(pod.status, "conditions").some(
    (each) => text(each, "type") === "Ready" && text(each, "status") === "True",
  );
}

/**
 * The disruption controller's arithmetic. Numbers of `minAvailable` count the pods there are; percentages and
 * `maxUnavailable` count what the pods' controllers want, and a percentage of pods is rounded up.
 */
export function countBudget(
  budget: KubeObject,
  pods: readonly KubeObject[],
  scale: () => ExpectedScale,
): BudgetCounts | { readonly unknown: string } {
  const { minAvailable, maxUnavailable } = record(budget, "spec");
  let expectedPods = pods.length;
  let desiredHealthy = 0;
  if (maxUnavailable !== undefined || typeof minAvailable === "string") {
    const expected = scale();
    if ("unknown" in expected) return expected;
    expectedPods = expected.replicas;
    desiredHealthy =
      maxUnavailable === undefined
        ? ofTotal(minAvailable, expectedPods)
        : Math.max(0, expectedPods - ofTotal(maxUnavailable, expectedPods));
  } else if (typeof minAvailable === "number") desiredHealthy = minAvailable;
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const currentHealthy = living.filter(isHealthy).length;
  const spare = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  return { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed: spare };
}

/** A number, or `25%` of the total, rounded up. */
function ofTotal(value: unknown, total: number): number {
  if (typeof value === "number") return value;
  const percent = Number(/^(\d+)%$/.exec(String(value))?.[1] ?? 0);
  return Math.ceil((percent * total) / 100);
}
