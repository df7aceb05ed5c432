import { expect, test } from "bun:test";
import { type PodView, podView } from "./pod.ts";
import { planReplicaSet, podOf, replicaSetView } from "./replica_set.ts";

const set = (replicas: number) =>
  replicaSetView({
    kind: "ReplicaSet",
    metadata: { name: "demo-abc", namespace: "default", uid: "s", generation: 4 },
    spec: {
      replicas,
      template: { metadata: { labels: { app: "demo" } }, spec: { containers: [{ name: "web" }] } },
    },
  });

function pod(name: string, change: Partial<PodView> = {}): PodView {
  const view = podView({ kind: "Pod", metadata: { name, namespace: "default", uid: name }, spec: {} });
  return { ...view, nodeName: "node1", phase: "Running", ready: true, readySinceMs: 1000, ...change };
}

test("planReplicaSet() creates what is missing; ended and leaving pods do not count", () => {
  const pods = [pod("a"), pod("b", { phase: "Failed" }), pod("c", { deleting: true })];
  expect(planReplicaSet(set(3), pods, 0)).toMatchObject({
    create: 2,
    remove: [],
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 4 },
  });
});

test.each<[string, PodView[], string]>([
  ["without a node", [pod("a"), pod("b", { nodeName: "", ready: false })], "b"],
  ["not running", [pod("a", { ready: false }), pod("b", { phase: "Pending", ready: false })], "b"],
  ["not ready", [pod("a", { ready: false }), pod("b")], "a"],
  [
    "beside others of the set",
    [pod("a"), pod("b", { nodeName: "node2" }), pod("c", { readySinceMs: 5 })],
    "a",
  ],
  ["ready for a shorter time", [pod("a", { readySinceMs: 9 }), pod("b", { readySinceMs: 20 })], "b"],
  ["younger", [pod("a", { createdMs: 7 }), pod("b", { createdMs: 6 })], "a"],
])("planReplicaSet() gives up first the pod that is %s", (_why, pods, expected) => {
  expect(planReplicaSet(set(pods.length - 1), pods, 0).remove.map(({ name }) => name)).toEqual([expected]);
});

test("podOf() names the pod after its set and copies labels and spec", () => {
  expect<unknown>(podOf(set(1), "x2z4k")).toEqual({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "demo-abc-x2z4k",
      generateName: "demo-abc-",
      namespace: "default",
      labels: { app: "demo" },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: "demo-abc",
          uid: "s",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { containers: [{ name: "web" }] },
  });
});
