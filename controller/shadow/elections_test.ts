import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { parseConfig, type Resource } from "#core/config/mod.ts";
import type { ServiceL2StatusView } from "#k8s/mod.ts";
import { serviceOf } from "../testing.ts";
import { compareElections, type ElectionFacts } from "./elections.ts";
import { takeover } from "./takeover.ts";

const resource = (kind: string, name: string, spec: unknown): Resource => ({
  kind,
  metadata: { name },
  spec,
});
const { config } = parseConfig({
  pools: [resource("IPAddressPool", "first", { addresses: ["192.168.1.0/24"] })],
  l2Advertisements: [resource("L2Advertisement", "all", {})],
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
  communities: [],
});
const address = "192.168.1.240";
const nodes = ["iris1", "iris2", "iris3"];
/** MetalLB's rule, written down again: the lowest sha256(node + "#" + ip) wins. */
const hash = (node: string) => createHash("sha256").update(`${node}#${address}`).digest("hex");
const byHash = nodes.toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1));
const [winner = "", second = ""] = byHash;

const status = (node: string): ServiceL2StatusView => ({
  name: `l2-${node}`,
  service: "default/web",
  owner: node,
  node,
  isFilled: true,
  isStuck: false,
  interfaces: [],
  createdAt: 0,
});

function compare(statuses: ServiceL2StatusView[], more: Partial<ElectionFacts> = {}) {
  const services = [
    serviceOf({ ingress: [address], annotations: { "metallb.io/ip-allocated-from-pool": "first" } }),
  ];
  const { book } = takeover({
    services,
    namespaces: [],
    config,
    heldPools: new Set(),
    loadBalancerClass: "",
  });
  return compareElections({
    services,
    book,
    config,
    endpointsOf: () => [{ addresses: ["10.244.0.1"], nodeName: "iris1", canServe: true }],
    nodes: nodes.map((name) => ({ name, labels: {}, networkUnavailable: false, internalIPs: [] })),
    speakerNodes: new Set(nodes),
    statuses,
    ...more,
  });
}

describe("compareElections()", () => {
  test("agrees with the winner of MetalLB's own rule", () => {
    expect(compare([status(winner)])).toEqual({ compared: 1, others: [] });
  });

  test("reports another announcer, several, and none, and whom the election names", () => {
    expect(compare([status(second)]).others).toMatchObject([
      { service: "default/web", has: [second], wants: winner },
    ]);
    expect(compare([status(winner), status(second)]).others).toMatchObject([
      { has: [winner, second].sort(), wants: winner },
    ]);
    expect(compare([]).others).toMatchObject([{ has: [], wants: winner }]);
  });

  test("heeds which nodes have a speaker that is ready", () => {
    const without = new Set(nodes.filter((node) => node !== winner));
    expect(compare([status(second)], { speakerNodes: without }).others).toEqual([]);
  });

  test("is content with nobody where nobody can announce", () => {
    expect(compare([], { endpointsOf: () => [] })).toEqual({ compared: 1, others: [] });
    expect(compare([status(winner)], { endpointsOf: () => [] }).others).toMatchObject([{ has: [winner] }]);
  });

  test("does not compare Services of pools that no L2Advertisement covers", () => {
    expect(compare([], { config: { ...config, l2Advertisements: [] } }).compared).toBe(0);
  });
});
