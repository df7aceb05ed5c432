import { describe, expect, test } from "bun:test";
import { reasonText } from "#core/reason/mod.ts";
import { none, object } from "../fixtures.ts";
import { type ConfigResources, type LintFacts, lint, parseConfig } from "../mod.ts";

const lan = object("IPAddressPool", "lan", { addresses: ["192.0.2.0/24", "2001:db8::/64"] });
const l2 = object("L2Advertisement", "l2", {});

function found(resources: Partial<ConfigResources>, facts: LintFacts = {}): string[] {
  const { config, issues } = parseConfig({ ...none, ...resources });
  expect(issues).toEqual([]);
  return lint(config, facts).map(({ kind, name, path, why }) => `${kind} ${name} ${path} ${why.code}`);
}

function sentences(resources: Partial<ConfigResources>, facts: LintFacts): string[] {
  return lint(parseConfig({ ...none, ...resources }).config, facts).map(({ why }) => reasonText(why));
}

function node(name: string, internalIPs: string[], podCIDRs?: string[]) {
  return { name, labels: { name }, internalIPs, ...(podCIDRs && { podCIDRs }) };
}

function service(name: string, more: object = {}) {
  return {
    service: `default/${name}`,
    clusterIPs: ["10.96.0.10"],
    labels: {},
    externalTrafficPolicy: "Cluster" as const,
    hasSelector: true,
    addresses: ["192.0.2.1"],
    pool: "lan",
    ...more,
  };
}

describe("lint() of pools", () => {
  const resources = { pools: [lan], l2Advertisements: [l2] };

  test("is content with a pool apart from everything and announced", () => {
    const nodes = [node("a", ["198.51.100.1", "2001:db8:1::1"], ["10.244.0.0/24"])];
    expect(found(resources, { nodes, gateways: ["198.51.100.254"], services: [service("web")] })).toEqual([]);
  });

  test.each<[string, LintFacts, string]>([
    ["an InternalIP", { nodes: [node("a", ["192.0.2.7"])] }, "spec.addresses[0] lint.node-address"],
    ["an IPv6 InternalIP", { nodes: [node("a", ["2001:db8::7"])] }, "spec.addresses[1] lint.node-address"],
    ["a gateway", { gateways: ["192.0.2.254"] }, "spec.addresses[0] lint.gateway"],
    [
      "a pod CIDR within it",
      { nodes: [node("a", [], ["192.0.2.64/26"])] },
      "spec.addresses[0] lint.pod-cidr",
    ],
    ["a pod CIDR around it", { nodes: [node("a", [], ["192.0.0.0/16"])] }, "spec.addresses[0] lint.pod-cidr"],
    [
      "a clusterIP",
      { services: [service("web", { clusterIPs: ["192.0.2.99"] })] },
      "spec.addresses[0] lint.cluster-ip",
    ],
  ])("finds %s", (_, facts, finding) => {
    expect(found(resources, facts)).toEqual([`IPAddressPool lan ${finding}`]);
  });

  test("passes over what the pool excludes, wholly or not at all", () => {
    const careful = {
      ...lan,
      metadata: {
        ...lan.metadata,
        annotations: { "metallb.io/exclude-addresses": "192.0.2.7, 192.0.2.64/26, 192.0.2.254" },
      },
    };
    const resourcesOf = (facts: LintFacts) => found({ ...resources, pools: [careful] }, facts);
    const nodes = [node("a", ["192.0.2.7"], ["192.0.2.64/27"])];
    expect(resourcesOf({ nodes, gateways: ["192.0.2.254"] })).toEqual([]);
    expect(resourcesOf({ nodes: [node("a", ["192.0.2.8"], ["192.0.2.0/25"])] })).toHaveLength(2);
  });

  test("counts what is alike and names the first", () => {
    const nodes = [node("a", ["192.0.2.7"]), node("b", ["192.0.2.8"])];
    expect(sentences(resources, { nodes })).toEqual([
      "192.0.2.0/24 contains InternalIPs of nodes (2, such as 192.0.2.7 of node a): a Service that gets it takes the node's traffic; leave node addresses out of the pool, or list them in metallb.io/exclude-addresses",
    ]);
  });

  test("passes over what is no address, such as the clusterIP of a headless Service", () => {
    expect(found(resources, { services: [service("web", { clusterIPs: ["None"] })] })).toEqual([]);
  });

  test("finds a pool that no advertisement selects", () => {
    expect(found({ pools: [lan] })).toEqual(["IPAddressPool lan metadata.name lint.pool-unadvertised"]);
  });
});

describe("lint() of advertisements", () => {
  const nodes = [node("a", []), node("b", [])];
  const elsewhere = [{ matchLabels: { name: "c" } }];

  test.each<[string, Partial<ConfigResources>, string]>([
    [
      "a pool that does not exist",
      { l2Advertisements: [l2, object("L2Advertisement", "x", { ipAddressPools: ["lan", "wan"] })] },
      "L2Advertisement x spec.ipAddressPools[1] lint.pool-missing",
    ],
    [
      "pool selectors that match nothing",
      { bgpAdvertisements: [object("BGPAdvertisement", "x", { ipAddressPoolSelectors: elsewhere })] },
      "BGPAdvertisement x spec.ipAddressPoolSelectors lint.no-pool",
    ],
    [
      "node selectors that match nothing",
      { l2Advertisements: [l2, object("L2Advertisement", "x", { nodeSelectors: elsewhere })] },
      "L2Advertisement x spec.nodeSelectors lint.no-node",
    ],
    [
      "a peer that does not exist",
      { bgpAdvertisements: [object("BGPAdvertisement", "x", { peers: ["tor"] })] },
      "BGPAdvertisement x spec.peers[0] lint.peer-missing",
    ],
    [
      "a BGPPeer that no node has",
      {
        peers: [
          object("BGPPeer", "x", { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1", nodeSelectors: elsewhere }),
        ],
      },
      "BGPPeer x spec.nodeSelectors lint.no-node",
    ],
  ])("finds %s", (_, resources, finding) => {
    expect(found({ pools: [lan], l2Advertisements: [l2], ...resources }, { nodes })).toEqual([finding]);
  });

  test("says nothing of nodes where they are not known", () => {
    const ad = object("L2Advertisement", "x", { nodeSelectors: elsewhere });
    expect(found({ pools: [lan], l2Advertisements: [ad] })).toEqual([]);
    expect(found({ pools: [lan], l2Advertisements: [ad] }, { nodes: [] })).toEqual([]);
  });

  test("story 27: an aggregate over Services with externalTrafficPolicy Local is told, with the way out", () => {
    const pool = object("IPAddressPool", "wan", { addresses: ["203.0.113.0/24"] });
    const aggregate = (length: number) => ({
      pools: [pool],
      bgpAdvertisements: [object("BGPAdvertisement", "bgp", { aggregationLength: length })],
    });
    const local = (name: string, address: string) =>
      service(name, { pool: "wan", addresses: [address], externalTrafficPolicy: "Local" });
    const services = [
      local("web", "203.0.113.1"),
      local("mail", "203.0.113.2"),
      service("dns", { pool: "wan", addresses: ["203.0.113.3"] }),
    ];
    expect(sentences(aggregate(24), { services })).toEqual([
      "it announces aggregates of /24, but Services of its pools have externalTrafficPolicy Local (2, such as default/web): every node with an endpoint of one attracts the traffic of all, and drops it where it has none; announce /32 for them, or use externalTrafficPolicy Cluster",
    ]);
    expect(sentences(aggregate(32), { services })).toEqual([]);
    expect(sentences(aggregate(24), { services: services.slice(2) })).toEqual([]);
  });
});

describe("lint() of Services", () => {
  const resources = { pools: [lan], l2Advertisements: [l2] };
  const local = service("local", { externalTrafficPolicy: "Local", hasSelector: false });

  test("finds a Local one without a selector that shares with a Cluster one", () => {
    expect(found(resources, { services: [local, service("web")] })).toEqual([
      "Service default/local spec.selector lint.local-without-selector",
    ]);
    expect(found(resources, { services: [local, service("web", { addresses: ["192.0.2.2"] })] })).toEqual([]);
    expect(found(resources, { services: [{ ...local, hasSelector: true }, service("web")] })).toEqual([]);
  });
});

describe("lint() of what advertisements ask of the election", () => {
  const asks = (name: string, annotations: Record<string, string>, spec: object = {}) => ({
    kind: "L2Advertisement",
    metadata: { name, annotations },
    spec,
  });
  const failback = (value: string) => ({ "metallb.io/failback": value });
  const spread = { "metallb.io/spread": "bounded" };
  const [failbackPath, spreadPath] = ["failback", "spread"].map(
    (name) => `metadata.annotations["metallb.io/${name}"]`,
  );
  const labelled = (app: string) => ({ serviceSelectors: [{ matchLabels: { app } }] });

  test.each<[string, object[], string[]]>([
    ["two that ask alike", [asks("a", failback("10m")), asks("b", failback("600s"))], []],
    [
      "a shorter failback than another's",
      [asks("a", failback("10m")), asks("b", failback("never")), asks("c", failback("never"))],
      [`L2Advertisement a ${failbackPath} lint.failback-differs`],
    ],
    [
      "none, where another asks for one",
      [asks("a", {}), asks("b", failback("10m"))],
      [`L2Advertisement a ${failbackPath} lint.failback-differs`],
    ],
    [
      "a spread that another does not ask for",
      [asks("a", spread), asks("b", {})],
      [`L2Advertisement a ${spreadPath} lint.spread-partial`],
    ],
    ["a spread that both ask for", [asks("a", spread), asks("b", spread)], []],
  ])("judges %s", (_, ads, expected) => {
    expect(found({ pools: [lan], l2Advertisements: ads as never })).toEqual(expected);
  });

  test("advertisements of different Services, or of different pools, are not in each other's way", () => {
    const other = object("IPAddressPool", "other", { addresses: ["198.51.100.0/24"] });
    const pools = [lan, other];
    const apart = [
      asks("a", spread, { ipAddressPools: ["lan"] }),
      asks("b", {}, { ipAddressPools: ["other"] }),
    ];
    expect(found({ pools, l2Advertisements: apart as never })).toEqual([]);
    const selecting = [asks("a", spread, labelled("web")), asks("b", {})];
    const of = (app: string) => ({ services: [service("web", { labels: { app } })] });
    expect(found({ pools: [lan], l2Advertisements: selecting as never }, of("mail"))).toEqual([]);
    expect(found({ pools: [lan], l2Advertisements: selecting as never }, of("web"))).toEqual([
      `L2Advertisement a ${spreadPath} lint.spread-partial`,
    ]);
    expect(sentences({ pools: [lan], l2Advertisements: selecting as never }, of("web"))[0]).toContain(
      "L2Advertisement b announces Services of pool lan",
    );
  });
});
