import { describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { budgetSelects, countBudget } from "./budget.ts";

const pod = (ready: boolean, isGoing = false): KubeObject => ({
  metadata: { name: "p", ...(isGoing ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
  status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});
const budget = (spec: object): KubeObject => ({ metadata: { name: "b" }, spec });
const pods = (healthy: number, others = 0) => [
  ...Array.from({ length: healthy }, () => pod(true)),
  ...Array.from({ length: others }, () => pod(false)),
];

describe("countBudget()", () => {
  // kubernetes.io "Specifying a Disruption Budget", Rounding logic: 50% of 7 pods is 4, for both fields.
  test.each([
    ["minAvailable 2 of 3", { minAvailable: 2 }, 3, [3, 2, 1]],
    ["minAvailable 50% of 7", { minAvailable: "50%" }, 7, [7, 4, 3]],
    ["maxUnavailable 50% of 7", { maxUnavailable: "50%" }, 7, [7, 3, 4]],
    ["maxUnavailable 1 of 3", { maxUnavailable: 1 }, 3, [3, 2, 1]],
    ["maxUnavailable 0", { maxUnavailable: 0 }, 3, [3, 3, 0]],
    ["maxUnavailable beyond all", { maxUnavailable: 9 }, 3, [3, 0, 3]],
    ["minAvailable 100%", { minAvailable: "100%" }, 3, [3, 3, 0]],
    ["minAvailable beyond all", { minAvailable: 9 }, 3, [3, 9, 0]],
  ])("%s", (_name, spec, replicas, [currentHealthy, desiredHealthy, disruptionsAllowed]) => {
    const counts = countBudget(budget(spec), pods(replicas), () => ({ replicas }));
    expect(counts).toMatchObject({ currentHealthy, desiredHealthy, disruptionsAllowed });
  });

  test("counts by what is wanted where a percentage or maxUnavailable asks for it, else by the pods there are", () => {
    const scale = () => ({ replicas: 10 });
    expect(countBudget(budget({ maxUnavailable: 3 }), pods(8), scale)).toMatchObject({
      expectedPods: 10,
      desiredHealthy: 7,
      disruptionsAllowed: 1,
    });
    expect(countBudget(budget({ minAvailable: 3 }), pods(8), scale)).toMatchObject({ expectedPods: 8 });
  });

  test("an unready pod and one that goes are not healthy", () => {
    const mixed = [...pods(2, 1), pod(true, true)];
    expect(countBudget(budget({ minAvailable: 1 }), mixed, () => ({ replicas: 4 }))).toMatchObject({
      currentHealthy: 2,
      disruptionsAllowed: 1,
    });
  });

  test("allows nothing where there is no pod, and tells what it does not know", () => {
    const none = countBudget(budget({ minAvailable: 0 }), [], () => ({ replicas: 0 }));
    expect(none).toMatchObject({ disruptionsAllowed: 0 });
    const unknown = () => ({ unknown: "why" });
    expect(countBudget(budget({ maxUnavailable: 1 }), pods(1), unknown)).toEqual({ unknown: "why" });
  });
});

test("budgetSelects() takes an empty selector for everything, none for nothing, a wrong one for nothing", () => {
  expect(budgetSelects(budget({ selector: {} }))({ a: "1" })).toBe(true);
  expect(budgetSelects(budget({}))({ a: "1" })).toBe(false);
  expect(budgetSelects(budget({ selector: { matchLabels: { a: "!" } } }))({ a: "!" })).toBe(false);
  expect(budgetSelects(budget({ selector: { matchLabels: { a: "1" } } }))({ a: "1", b: "2" })).toBe(true);
});
