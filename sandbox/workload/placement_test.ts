import { expect, test } from "bun:test";
import { type WorkerNodeView, workerNodeView } from "./node.ts";
import { placePod } from "./placement.ts";
import { type PodView, podView } from "./pod.ts";

function node(name: string, change: Partial<WorkerNodeView> = {}): WorkerNodeView {
  return { ...workerNodeView({ kind: "Node", metadata: { name } }), ready: "True", ...change };
}

function pod(name: string, owner: string, change: Partial<PodView> = {}): PodView {
  const reference = { apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner };
  return { ...podView({ kind: "Pod", metadata: { name, uid: name } }), owner: reference, ...change };
}

const taint = { key: "maintenance", value: "yes", effect: "NoSchedule" };
const three = [node("node1"), node("node2"), node("node3")];

test.each<[string, WorkerNodeView[], Record<string, PodView[]>, Partial<PodView>, string]>([
  ["the first by name", three, {}, {}, "node1"],
  ["no pod of the same owner", three, { node1: [pod("a", "demo")] }, {}, "node2"],
  [
    "fewest pods among equals",
    three,
    { node1: [pod("a", "x"), pod("b", "x")], node2: [pod("c", "x")], node3: [pod("d", "x"), pod("e", "x")] },
    {},
    "node2",
  ],
  ["ended pods not counted", three, { node1: [pod("a", "demo", { phase: "Succeeded" })] }, {}, "node1"],
  [
    "the nodeSelector's labels",
    [node("a"), node("b", { labels: { disk: "ssd" } })],
    {},
    { nodeSelector: { disk: "ssd" } },
    "b",
  ],
  [
    "a taint that it tolerates",
    [node("a", { taints: [taint] })],
    {},
    { tolerations: [{ key: "maintenance", operator: "Exists", value: "", effect: "" }] },
    "a",
  ],
])("placePod() takes the node with %s", (_why, nodes, pods, change, expected) => {
  const placed = placePod(pod("new", "demo", change), nodes, (name) => pods[name] ?? []);
  expect(placed).toEqual({ node: expected });
});

test("placePod() says of every node why not, as kube-scheduler words it", () => {
  const nodes = [
    node("a", { unschedulable: true }),
    node("b", { ready: "False" }),
    node("c", { ready: "" }),
    node("d", { taints: [taint] }),
    node("e"),
  ];
  expect(placePod(pod("new", "demo", { nodeSelector: { disk: "ssd" } }), nodes, () => [])).toEqual({
    refused:
      "0/5 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, " +
      "1 node(s) had untolerated taint {maintenance: yes}, 1 node(s) were unschedulable, 2 node(s) were not ready.",
  });
  expect(placePod(pod("new", "demo"), [], () => [])).toEqual({
    refused: "no nodes available to schedule pods",
  });
});
