import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseAddress, parsePrefix, prefixContains } from "#core/net/mod.ts";
import { type LabOptions, planLab, stationNamed } from "./plan.ts";

const usual: LabOptions = {
  stateDirectory: "/somewhere/.sandbox",
  nodes: 3,
  nodePrefix: "node",
  lan: "192.168.1.0/24",
  podCidr: "10.244.0.0/16",
  hasRouter: true,
};

test("planLab() gives the addresses that MetalLB's examples leave free", () => {
  const plan = planLab(usual);
  expect(plan.stations.map(({ name, address, mac }) => [name, address, mac])).toEqual([
    ["router", "192.168.1.1", "02:00:c0:a8:01:01"],
    ["client", "192.168.1.100", "02:00:c0:a8:01:64"],
    ["controller", "192.168.1.5", "02:00:c0:a8:01:05"],
    ["node1", "192.168.1.11", "02:00:c0:a8:01:0b"],
    ["node2", "192.168.1.12", "02:00:c0:a8:01:0c"],
    ["node3", "192.168.1.13", "02:00:c0:a8:01:0d"],
  ]);
  expect(plan.stations.map(({ podCidr }) => podCidr).filter(Boolean)).toEqual([
    "10.244.0.0/24",
    "10.244.1.0/24",
    "10.244.2.0/24",
  ]);
});

test("planLab() gives each controller a machine of its own, in a small LAN too", () => {
  const addresses = (lan: string) =>
    planLab({ ...usual, lan, nodes: 1, controllers: 3 }).stations.map(({ name, address }) => [name, address]);
  expect(addresses("192.168.1.0/24").slice(2, 5)).toEqual([
    ["controller", "192.168.1.5"],
    ["controller-2", "192.168.1.6"],
    ["controller-3", "192.168.1.7"],
  ]);
  expect(new Set(addresses("192.168.7.16/28").map(([, address]) => address)).size).toBe(6);
});

test("planLab() gives IPv6 addresses that end in the same digits, where there is a prefix", () => {
  expect(planLab(usual).stations.map(({ address6 }) => address6)).toEqual(new Array(6).fill(undefined));
  const plan = planLab({ ...usual, lan6: "fd00:1::/64" });
  expect(plan.prefixLength6).toBe(64);
  expect(plan.stations.map(({ address6 }) => address6)).toEqual([
    "fd00:1::1",
    "fd00:1::100",
    "fd00:1::5",
    "fd00:1::11",
    "fd00:1::12",
    "fd00:1::13",
  ]);
});

test("planLab() names namespaces by the directory, so that two sandboxes do not meet", () => {
  const [a, b] = [planLab(usual), planLab({ ...usual, stateDirectory: "/elsewhere/.sandbox" })];
  const names = (plan: typeof a) => plan.stations.map(({ namespace }) => namespace);
  expect(names(a).filter((name) => names(b).includes(name))).toEqual([]);
  expect(planLab(usual)).toEqual(a);
  for (const name of [...names(a), a.lanNamespace]) expect(name).toStartWith(`mlbsb-${a.id}-`);
});

test("planLab() gives each station an address of its own inside the LAN, whatever its size", () => {
  const options = fc.record({
    nodes: fc.integer({ min: 1, max: 50 }),
    length: fc.integer({ min: 8, max: 25 }),
    hasRouter: fc.boolean(),
  });
  fc.assert(
    fc.property(options, ({ nodes, length, hasRouter }) => {
      const lan = `172.16.0.0/${Math.max(length, 12)}`;
      const plan = planLab({ ...usual, nodes, lan, hasRouter });
      const addresses = plan.stations.map(({ address }) => address);
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(new Set(plan.stations.map(({ port }) => port)).size).toBe(addresses.length);
      const prefix = parsePrefix(lan);
      for (const text of addresses) {
        const address = parseAddress(text);
        expect(address && prefix && prefixContains(prefix, address)).toBe(true);
        expect(text).not.toEndWith(".255");
      }
    }),
  );
});

test("planLab() packs the stations together in a small LAN", () => {
  const plan = planLab({ ...usual, lan: "192.168.7.16/28", nodes: 5 });
  expect(plan.stations.map(({ address }) => address)).toEqual([
    "192.168.7.17",
    "192.168.7.19",
    "192.168.7.18",
    "192.168.7.20",
    "192.168.7.21",
    "192.168.7.22",
    "192.168.7.23",
    "192.168.7.24",
  ]);
});

test.each([
  [{ nodes: 0 }, "--nodes 0 is out of range; allowed are 1 to 50."],
  [{ nodes: 1.5 }, "--nodes 1.5 is out of range; allowed are 1 to 50."],
  [{ lan: "192.168.1.0" }, '--lan "192.168.1.0" is not an IPv4 prefix; write it as 192.168.1.0/24.'],
  [{ lan: "fd00::/64" }, '--lan "fd00::/64" is not an IPv4 prefix; write it as 192.168.1.0/24.'],
  [
    { lan: "192.168.1.0/28", nodes: 11 },
    "--lan 192.168.1.0/28 is too small for 11 nodes, a router and a client.",
  ],
  [{ controllers: 6 }, "--controllers 6 is out of range; allowed are 1 to 5."],
  [{ nodePrefix: "controller-" }, /makes the names that controllers have/],
  [{ podCidr: "10.244.0.0/23" }, "--pod-cidr 10.244.0.0/23 does not hold a /24 for each of 3 nodes."],
  [{ lan: "10.244.9.0/24" }, "--lan 10.244.9.0/24 overlaps --pod-cidr 10.244.0.0/16."],
  [{ lan: "10.100.0.0/24" }, "--lan 10.100.0.0/24 overlaps the Services' 10.96.0.0/12."],
  [{ lan6: "192.168.2.0/24" }, '--lan6 "192.168.2.0/24" is not an IPv6 prefix; write it as fd00:1::/64.'],
  [{ lan6: "fd00:1::/120" }, "--lan6 fd00:1::/120 is too small; allowed are lengths up to 112."],
  [{ lan6: "fd00::/16" }, "--lan6 fd00::/16 overlaps the Services' fd00:96::/108."],
  [{ nodePrefix: "Node_" }, /^--node-prefix "Node_" does not make a node name/],
  [{ nodePrefix: "n1" }, /not ending with a digit/],
])("planLab() refuses %j in words", (change, message) => {
  expect(() => planLab({ ...usual, ...change })).toThrow(message);
});

test("stationNamed() names the stations there are", () => {
  expect(() => stationNamed(planLab({ ...usual, nodes: 1 }), "node7")).toThrow(
    'There is no "node7" in this sandbox; there are: router, client, controller, node1.',
  );
});

test("planLab() keeps bridge ports within the kernel's 15 characters", () => {
  const plan = planLab({ ...usual, nodePrefix: "a-rather-long-worker-" });
  expect(stationNamed(plan, "a-rather-long-worker-2").port).toBe("port12");
});
