import { expect, test } from "bun:test";
import type { ServiceL2StatusView } from "#k8s/mod.ts";
import { plan, type Standing, type Step } from "./plan.ts";

const view = (name: string, owner: string, more: Partial<ServiceL2StatusView> = {}): ServiceL2StatusView => ({
  name,
  service: "shop/web",
  owner,
  node: owner,
  isFilled: true,
  isStuck: false,
  interfaces: [],
  createdAt: 1_000,
  ownerUid: "pod-of-a",
  ...more,
});
const announced = (...interfaces: string[]): Standing => ({ is: "announced", interfaces });
const mine = view("l2-mine", "a");
const theirs = view("l2-theirs", "b");

// Each row: what is so, what there is, what is written by node a.
test.each<[string, Standing, ServiceL2StatusView[], Step[]]>([
  ["makes the object", announced(), [], [{ do: "create", interfaces: [] }]],
  ["is done when it is right", announced(), [mine], []],
  [
    "names interfaces only where they are restricted",
    announced("eth1"),
    [],
    [{ do: "create", interfaces: ["eth1"] }],
  ],
  [
    "fills what an interrupted run left empty",
    announced(),
    [view("l2-mine", "a", { isFilled: false })],
    [{ do: "fill", name: "l2-mine", interfaces: [] }],
  ],
  [
    "rewrites other interfaces",
    announced("eth0", "eth1"),
    [view("l2-mine", "a", { interfaces: ["eth0"] })],
    [{ do: "fill", name: "l2-mine", interfaces: ["eth0", "eth1"] }],
  ],
  [
    "the announcer removes what other nodes wrote, after its own is there",
    announced(),
    [theirs],
    [
      { do: "create", interfaces: [] },
      { do: "remove", name: "l2-theirs" },
    ],
  ],
  [
    "of duplicates the oldest stays",
    announced(),
    [view("l2-second", "a", { createdAt: 2_000 }), mine, view("l2-third", "a", { createdAt: 3_000 })],
    [
      { do: "remove", name: "l2-second" },
      { do: "remove", name: "l2-third" },
    ],
  ],
  [
    "one whose immutable status names another node is made anew (story 13)",
    announced(),
    [view("l2-mine", "a", { node: "b", isStuck: true })],
    [
      { do: "create", interfaces: [] },
      { do: "remove", name: "l2-mine" },
    ],
  ],
  [
    "one that goes with an earlier Pod of this node is made anew",
    announced(),
    [view("l2-mine", "a", { ownerUid: "pod-before" })],
    [
      { do: "create", interfaces: [] },
      { do: "remove", name: "l2-mine" },
    ],
  ],
  ["writes nothing before it truly announces", { is: "awaited" }, [theirs], []],
  ["leaves its own while it is about to announce again", { is: "awaited" }, [mine], []],
  [
    "the loser leaves its own until the new announcer's is there",
    { is: "lost", isOverdue: false },
    [mine],
    [],
  ],
  [
    "the loser removes its own, never the other's",
    { is: "lost", isOverdue: false },
    [mine, theirs],
    [{ do: "remove", name: "l2-mine" }],
  ],
  [
    "the loser waits for the other only so long",
    { is: "lost", isOverdue: true },
    [mine],
    [{ do: "remove", name: "l2-mine" }],
  ],
  [
    "with nothing to announce its own goes",
    { is: "nothing" },
    [mine, theirs],
    [{ do: "remove", name: "l2-mine" }],
  ],
  ["a bystander writes nothing", { is: "nothing" }, [theirs, view("l2-c", "c")], []],
])("plan(): %s", (_, standing, objects, steps) => {
  expect(plan(standing, objects, { owner: "a", podUid: "pod-of-a" })).toEqual(steps);
});
