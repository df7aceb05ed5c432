import { expect, test } from "bun:test";
import { type PodView, podView } from "../workload/pod.ts";
import { planDaemonSet } from "./daemon_set.ts";

const nodes = ["node1", "node2"];

function pod(node: string, generation: number, { ready = true, deleting = false } = {}): PodView {
  return podView({
    metadata: {
      name: `speaker-${node}-${generation}`,
      labels: { "pod-template-generation": String(generation) },
      ...(deleting && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
    spec: { nodeName: node },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  });
}

const cases: [string, PodView[], { create: string[]; remove: string[] }][] = [
  ["no Pods: one for each node", [], { create: ["node1", "node2"], remove: [] }],
  ["all there", [pod("node1", 2), pod("node2", 2)], { create: [], remove: [] }],
  [
    "one is not ready yet: wait",
    [pod("node1", 2), pod("node2", 2, { ready: false })],
    { create: [], remove: [] },
  ],
  [
    "one is leaving: its node is not free yet",
    [pod("node1", 2), pod("node2", 2, { deleting: true })],
    { create: [], remove: [] },
  ],
  [
    "a new template: one goes",
    [pod("node1", 1), pod("node2", 1)],
    { create: [], remove: ["speaker-node1-1"] },
  ],
  [
    "the new one is not ready: no second goes",
    [pod("node1", 2, { ready: false }), pod("node2", 1)],
    { create: [], remove: [] },
  ],
  [
    "the new one is ready: the next goes",
    [pod("node1", 2), pod("node2", 1)],
    { create: [], remove: ["speaker-node2-1"] },
  ],
  [
    "an old one that is down goes first",
    [pod("node1", 1), pod("node2", 1, { ready: false })],
    { create: [], remove: ["speaker-node2-1"] },
  ],
];

test.each(cases)("planDaemonSet(): %s", (_, pods, expected) => {
  const { create, remove } = planDaemonSet({ generation: 2 }, pods, nodes);
  expect({ create, remove: remove.map(({ name }) => name) }).toEqual(expected);
});

test("planDaemonSet() counts for `kubectl rollout status`", () => {
  expect(
    planDaemonSet({ generation: 2 }, [pod("node1", 2), pod("node2", 1, { ready: false })], nodes).status,
  ).toEqual({
    currentNumberScheduled: 2,
    desiredNumberScheduled: 2,
    numberMisscheduled: 0,
    numberReady: 1,
    numberAvailable: 1,
    numberUnavailable: 1,
    updatedNumberScheduled: 1,
    observedGeneration: 2,
  });
});
