import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { BgpAdvertisement, L2Advertisement } from "#core/config/mod.ts";
import { formatPrefix } from "#core/net/mod.ts";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";
import { AddressGroups, type AnnouncedService, announceBgp, electLayer2, type NodeFacts } from "./mod.ts";

const node = (name: string, facts: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  labels: { "kubernetes.io/hostname": name },
  networkUnavailable: false,
  hasSpeaker: true,
  ...facts,
});
const endpoint = (nodeName: string, canServe = true): EndpointView => ({
  addresses: ["10.244.1.2"],
  nodeName,
  canServe,
});
const service = (
  overrides: Partial<ServiceView> = {},
  endpoints = [endpoint("iris1")],
): AnnouncedService => ({
  pool: "first-pool",
  endpoints,
  view: {
    namespace: "default",
    name: "demo",
    uid: "1",
    creationTimestampMs: 0,
    labels: {},
    annotations: {},
    type: "LoadBalancer",
    clusterIPs: ["10.96.0.10"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    externalTrafficPolicy: "Cluster",
    selector: {},
    ports: [{ name: "http", protocol: "TCP", port: 80 }],
    ingress: ["192.168.1.240"],
    ...overrides,
  },
});
const host = (...names: string[]) => ({
  matchLabels: {},
  matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In" as const, values: names }],
});
const l2 = (overrides: Partial<L2Advertisement> = {}): L2Advertisement => ({
  name: "example",
  pools: new Set(["first-pool"]),
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodeSelectors: [],
  ...overrides,
});
const bgp = (overrides: Partial<BgpAdvertisement> = {}): BgpAdvertisement => ({
  name: "example",
  pools: new Set(["first-pool"]),
  nodeSelectors: [],
  serviceSelectors: [],
  aggregationLength: 32,
  aggregationLengthV6: 128,
  communities: [],
  peers: [],
  ...overrides,
});
const nodes = ["iris1", "iris2", "iris3"].map((name) => node(name));
const elect = (
  services: AnnouncedService[],
  ads: L2Advertisement[],
  members: NodeFacts[] = nodes,
  address = "192.168.1.240",
  ignoreExcludeLabel = false,
) => electLayer2(services, address, ads, { nodes: members, ignoreExcludeLabel });
/** MetalLB's order, computed by another implementation of SHA-256. */
const hashOrder = (names: string[], address: string) =>
  names.toSorted((a, b) => Buffer.compare(digest(`${a}#${address}`), digest(`${b}#${address}`)));
const digest = (text: string) => createHash("sha256").update(text).digest();

describe("electLayer2()", () => {
  test("orders candidates by sha256(node#address) for any address", () => {
    for (let last = 0; last < 256; last++) {
      const address = `192.168.1.${last}`;
      const election = elect([service({ ingress: [address] })], [l2()], nodes, address);
      expect(election.ranking.map((row) => row.node)).toEqual(
        hashOrder(["iris1", "iris2", "iris3"], address),
      );
      expect(election.winner).toBe(election.ranking[0]?.node);
    }
  });

  test("gives the same ranking whatever the order in which nodes are listed", () => {
    expect(elect([service()], [l2()], [...nodes].reverse())).toEqual(elect([service()], [l2()]));
  });

  test.each<[string, Partial<NodeFacts>, string]>([
    ["NetworkUnavailable", { networkUnavailable: true }, "announce.node-network-unavailable"],
    [
      "the exclude label",
      { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } },
      "announce.node-excluded",
    ],
    ["no live speaker", { hasSpeaker: false }, "announce.speaker-absent"],
  ])("passes over a node with %s and says so", (_, facts, code) => {
    const first = hashOrder(["iris1", "iris2", "iris3"], "192.168.1.240")[0] as string;
    const election = elect(
      [service()],
      [l2()],
      nodes.map((each) => (each.name === first ? node(first, facts) : each)),
    );
    expect(election.winner).toBe(hashOrder(["iris1", "iris2", "iris3"], "192.168.1.240")[1] as string);
    expect(election.ranking.at(-1)).toMatchObject({ node: first, rank: 0, why: { code } });
  });

  test("--ignore-exclude-lb keeps a labelled node in", () => {
    const labelled = [
      node("iris1", { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } }),
    ];
    expect(elect([service()], [l2()], labelled).winner).toBeUndefined();
    expect(elect([service()], [l2()], labelled, "192.168.1.240", true).winner).toBe("iris1");
  });

  test("a single node always announces", () => {
    expect(elect([service()], [l2()], [node("iris1")]).winner).toBe("iris1");
  });

  test("externalTrafficPolicy Local wants a serving endpoint on the node (E003)", () => {
    const local = service({ externalTrafficPolicy: "Local" }, [endpoint("iris2"), endpoint("iris3", false)]);
    const election = elect([local], [l2()]);
    expect(election.winner).toBe("iris2");
    expect(election.ranking.filter((row) => row.rank === 0).map((row) => row.why.code)).toEqual([
      "announce.no-local-endpoints",
      "announce.no-local-endpoints",
    ]);
  });

  test("a Service without any endpoint that serves is announced by nobody", () => {
    const election = elect([service({}, [endpoint("iris1", false)])], [l2()]);
    expect(election.winner).toBeUndefined();
    expect(election.blocked?.code).toBe("announce.no-endpoints");
  });

  test("a pool without an advertisement is announced by nobody, and the reason names the pool", () => {
    expect(
      elect([service()], [l2({ pools: new Set(["other"]), ipAddressPools: ["other"] })]).blocked,
    ).toEqual({
      code: "announce.no-advertisement",
      params: { protocol: "layer 2", pool: "first-pool" },
    });
  });

  test("candidates are restricted to nodes in at least one advertisement (E040, E049)", () => {
    const ads = [
      l2({ name: "a", nodeSelectors: [host("iris2")] }),
      l2({ name: "b", nodeSelectors: [host("iris3")] }),
    ];
    const election = elect([service()], ads);
    expect(["iris2", "iris3"]).toContain(election.winner as string);
    expect(election.ranking.find((row) => row.node === "iris1")?.why.code).toBe("announce.node-not-selected");
  });

  test("one advertisement that selects no node and one that selects another Service: nobody announces (E050)", () => {
    const ads = [
      l2({ name: "a", nodeSelectors: [host("nowhere")] }),
      l2({ name: "b", serviceSelectors: [{ matchLabels: { app: "other" }, matchExpressions: [] }] }),
    ];
    expect(elect([service()], ads)).toMatchObject({ blocked: { code: "announce.no-candidate" } });
  });

  test("preferred weights outrank the hash", () => {
    for (const wanted of ["iris1", "iris2", "iris3"]) {
      const ad = l2({ preferredNodeSelectors: [{ weight: 10, preference: host(wanted) }] });
      expect(elect([service()], [ad]).winner).toBe(wanted);
    }
  });

  test("interfaces are the union of the winner's advertisements; one without interfaces means all", () => {
    const restricted = [l2({ name: "a", interfaces: ["eth1"] }), l2({ name: "b", interfaces: ["eth0"] })];
    expect(elect([service()], restricted).interfaces).toEqual(["eth0", "eth1"]);
    expect(elect([service()], [...restricted, l2({ name: "c" })]).interfaces).toEqual([]);
  });

  test("Services that share an address have one winner even where each alone would choose another (story 5)", () => {
    const one = service({ name: "one", externalTrafficPolicy: "Local" }, [
      endpoint("iris1"),
      endpoint("iris2"),
    ]);
    const two = service({ name: "two", externalTrafficPolicy: "Local" }, [
      endpoint("iris2"),
      endpoint("iris3"),
    ]);
    expect(elect([one, two], [l2()]).winner).toBe("iris2");
  });
});

describe("AddressGroups", () => {
  test("ties a dual-stack Service and a Service on a shared address into one group", () => {
    const groups = new AddressGroups();
    groups.set("a/dual", ["192.168.1.9", "fd00::9"]);
    groups.set("a/shared", ["192.168.1.9"]);
    groups.set("a/alone", ["192.168.1.10"]);
    expect(groups.groupOf("a/shared")).toEqual({
      addresses: ["192.168.1.9", "fd00::9"],
      services: ["a/dual", "a/shared"],
      firstAddress: "192.168.1.9",
    });
    expect(groups.groupOf("a/alone")?.services).toEqual(["a/alone"]);
  });

  test("set() names every Service whose group changed, those left behind included", () => {
    const groups = new AddressGroups();
    groups.set("a/one", ["192.168.1.9"]);
    expect(groups.set("a/two", ["192.168.1.9"])).toEqual(new Set(["a/two", "a/one"]));
    expect(groups.set("a/two", ["192.168.1.10"])).toEqual(new Set(["a/two", "a/one"]));
    expect(groups.set("a/two", [])).toEqual(new Set(["a/two"]));
    expect(groups.groupOf("a/two")).toBeUndefined();
    expect(groups.holdersOf("192.168.1.10").size).toBe(0);
  });
});

describe("announceBgp()", () => {
  const first = node("iris1");

  test("announces a /32 per address from every node, wherever the endpoints are", () => {
    for (const each of nodes) {
      const { routes } = announceBgp(service(), [bgp()], each, false);
      expect(routes.map((route) => formatPrefix(route.prefix))).toEqual(["192.168.1.240/32"]);
    }
  });

  test("gives a route per matching advertisement, masked to its length", () => {
    const ads = [bgp(), bgp({ name: "aggregate", aggregationLength: 24, communities: ["65535:65282"] })];
    expect(
      announceBgp(service(), ads, first, false).routes.map((route) => formatPrefix(route.prefix)),
    ).toEqual(["192.168.1.240/32", "192.168.1.0/24"]);
  });

  test.each<[string, AnnouncedService, BgpAdvertisement[], NodeFacts, string]>([
    ["no advertisement", service(), [], first, "announce.no-advertisement"],
    [
      "another node selected",
      service(),
      [bgp({ nodeSelectors: [host("iris2")] })],
      first,
      "announce.node-not-selected",
    ],
    [
      "NetworkUnavailable",
      service(),
      [bgp()],
      node("iris1", { networkUnavailable: true }),
      "announce.node-network-unavailable",
    ],
    ["no endpoint anywhere", service({}, []), [bgp()], first, "announce.no-endpoints"],
    [
      "policy Local without an endpoint here",
      service({ externalTrafficPolicy: "Local" }, [endpoint("iris2")]),
      [bgp()],
      first,
      "announce.no-local-endpoints",
    ],
  ])("says why there is no route: %s", (_, announced, ads, where, code) => {
    const announcement = announceBgp(announced, ads, where, false);
    expect(announcement.routes).toEqual([]);
    expect(announcement.blocked?.code as string).toBe(code);
  });
});
