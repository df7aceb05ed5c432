import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { L2Advertisement } from "#core/config/mod.ts";
import type { ServiceView } from "#core/service/mod.ts";
import { type NodeFacts, type SpreadPlace, spreadOf } from "./mod.ts";
import { capacityOf } from "./spread.ts";

const ad: L2Advertisement = {
  name: "l2",
  pools: new Set(["p"]),
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodeSelectors: [],
  policy: { failbackAfterMs: 0, isSpread: true, requiresConnectedRoute: false, endpointDelayMs: 0 },
};
const node = (index: number, more: Partial<NodeFacts> = {}): NodeFacts => ({
  name: `node${index}`,
  labels: {},
  networkUnavailable: false,
  hasSpeaker: true,
  facts: { interfaces: [], isTruncated: true, stableSince: 0, flaps: 0, isAnswering: true },
  ...more,
});
const nodesOf = (count: number) => Array.from({ length: count }, (_, index) => node(index));
const groupOf = (index: number, localOn?: string, incumbent?: string) => {
  const firstAddress = `10.0.${index >> 8}.${index & 255}`;
  const endpoint = { addresses: ["10.1.0.1"], canServe: true, ...(localOn && { nodeName: localOn }) };
  const view = {
    namespace: "default",
    name: `s${index}`,
    externalTrafficPolicy: localOn ? "Local" : "Cluster",
    labels: {},
    annotations: {},
    ingress: [firstAddress],
  } as unknown as ServiceView;
  return {
    firstAddress,
    services: [{ pool: "p", endpoints: [endpoint], view }],
    ...(incumbent && { incumbent }),
  };
};
type Group = ReturnType<typeof groupOf>;
const groupsOf = (count: number) => Array.from({ length: count }, (_, index) => groupOf(index));
const plan = (groups: readonly Group[], nodes: readonly NodeFacts[], advertisement = ad) =>
  spreadOf(groups, [advertisement], { nodes, ignoreExcludeLabel: false }, 0);
const loads = (places: ReadonlyMap<string, SpreadPlace>) => {
  const found = new Map<string, number>();
  for (const { first } of places.values()) found.set(first, (found.get(first) ?? 0) + 1);
  return found;
};
const sizes = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 20 }));

describe("bounded spread", () => {
  test("places every group, none over the bound, the second elsewhere than the first", () => {
    fc.assert(
      fc.property(sizes, ([groups, nodes]) => {
        const places = plan(groupsOf(groups), nodesOf(nodes));
        expect(places.size).toBe(groups);
        expect(Math.max(...loads(places).values())).toBeLessThanOrEqual(capacityOf(groups, nodes));
        for (const { first, second } of places.values()) expect(second).not.toBe(first);
      }),
    );
  });

  test("does not depend on the order in which groups and nodes are known", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(groupsOf(120), { minLength: 1 }),
        fc.shuffledSubarray(nodesOf(9), { minLength: 1 }),
        (groups, nodes) => {
          const sorted = groups.toSorted((a, b) => (a.firstAddress < b.firstAddress ? -1 : 1));
          const byName = nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
          expect(plan(groups, nodes)).toEqual(plan(sorted, byName));
        },
      ),
    );
  });

  test("a death moves what the dead node held, and little more", () => {
    for (const count of [5, 10, 20]) {
      const groups = groupsOf(400);
      const nodes = nodesOf(count);
      const before = plan(groups, nodes);
      for (const dead of nodes) {
        const alive = nodes.map((each) => (each === dead ? { ...each, hasSpeaker: false } : each));
        const after = plan(groups, alive);
        const held = [...before].filter(([, { first }]) => first === dead.name);
        const moved = [...before].filter(([key, { first }]) => after.get(key)?.first !== first);
        expect(held.every(([key]) => after.get(key)?.first !== dead.name)).toBe(true);
        // Each of the others has room for one share of the dead one's more, and what it takes back may pass one on.
        expect(moved.length - held.length).toBeLessThanOrEqual(2 * capacityOf(400, count - 1));
      }
    }
  });

  test("most of what a dead node held goes to whom each group names as its second", () => {
    const groups = groupsOf(400);
    const nodes = nodesOf(10);
    const before = plan(groups, nodes);
    const held = [...before].filter(([, { first }]) => first === "node3");
    const after = plan(
      groups,
      nodes.filter(({ name }) => name !== "node3"),
    );
    const inherited = held.filter(([key, { second }]) => after.get(key)?.first === second);
    expect(inherited.length).toBeGreaterThan(held.length * 0.6);
  });

  test("who alone can announce gets all of it, over the bound; the drained and the unable get nothing", () => {
    const local = Array.from({ length: 20 }, (_, index) => groupOf(index, "node1"));
    expect(loads(plan(local, nodesOf(4)))).toEqual(new Map([["node1", 20]]));
    const nodes = [node(0, { isDraining: true }), node(1), node(2)];
    expect([...loads(plan(groupsOf(40), nodes)).keys()].sort()).toEqual(["node1", "node2"]);
  });

  test("under failback never a group stays with its incumbent, whatever the bound says", () => {
    const advertisement = {
      ...ad,
      policy: {
        failbackAfterMs: Number.POSITIVE_INFINITY,
        isSpread: true,
        requiresConnectedRoute: false,
        endpointDelayMs: 0,
      },
    };
    const groups = Array.from({ length: 30 }, (_, index) => groupOf(index, undefined, "node0"));
    expect(loads(plan(groups, nodesOf(3), advertisement))).toEqual(new Map([["node0", 30]]));
  });

  test("is asked of nobody while a live speaker does not describe itself, and by one of two advertisements of a group", () => {
    const { facts: _, ...silent } = node(1);
    expect(plan(groupsOf(5), [node(0), silent]).size).toBe(0);
    const { policy: __, ...plain } = { ...ad, name: "plain" };
    const cluster = { nodes: nodesOf(3), ignoreExcludeLabel: false };
    expect(spreadOf(groupsOf(5), [ad, plain], cluster, 0).size).toBe(0);
  });
});
