import { describe, expect, test } from "bun:test";
import {
  type ConfigResources,
  parseConfig,
  type Resource,
  validateRemoval,
  validateResource,
} from "./mod.ts";

const none: ConfigResources = {
  pools: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
  communities: [],
};

function object(kind: string, name: string, spec: unknown, day = 1, labels = {}): Resource {
  const creationTimestamp = `2026-01-${String(day).padStart(2, "0")}T00:00:00Z`;
  return { kind, metadata: { name, labels, creationTimestamp }, spec };
}

const pools = [
  object("IPAddressPool", "v4", { addresses: ["10.0.0.0/24"] }, 1, { zone: "a" }),
  object("IPAddressPool", "v6", { addresses: ["2001:db8::/120"] }, 1, { zone: "b" }),
  object("IPAddressPool", "dual", { addresses: ["10.1.0.0/24", "2001:db8:1::/120"] }, 1, { zone: "b" }),
];

function parseBgp(...specs: unknown[]) {
  return parseConfig({
    ...none,
    pools,
    bgpAdvertisements: specs.map((spec, at) => object("BGPAdvertisement", `ad${at}`, spec, at + 1)),
    communities: [
      object("Community", "names", { communities: [{ name: "no-transit", value: "65000:0100" }] }),
    ],
  });
}

describe("parseConfig() of advertisements", () => {
  test.each([
    ["all pools where it names none", {}, ["v4", "v6", "dual"]],
    ["pools by name", { ipAddressPools: ["v6"] }, ["v6"]],
    ["pools by label", { ipAddressPoolSelectors: [{ matchLabels: { zone: "b" } }] }, ["v6", "dual"]],
    [
      "both together",
      { ipAddressPools: ["v4"], ipAddressPoolSelectors: [{ matchLabels: { zone: "b" } }] },
      ["v4", "v6", "dual"],
    ],
    ["nothing where the named pool does not exist", { ipAddressPools: ["other"] }, []],
    ["nothing where no label fits", { ipAddressPoolSelectors: [{ matchLabels: { zone: "c" } }] }, []],
  ])("covers %s", (_, spec, expected) => {
    const { config, issues } = parseConfig({
      ...none,
      pools,
      l2Advertisements: [object("L2Advertisement", "l2", spec)],
      bgpAdvertisements: [object("BGPAdvertisement", "bgp", spec)],
    });
    expect(issues).toEqual([]);
    expect([...(config.l2Advertisements[0]?.pools ?? [])].sort()).toEqual(expected.toSorted());
    expect([...(config.bgpAdvertisements[0]?.pools ?? [])].sort()).toEqual(expected.toSorted());
  });

  test("reads an L2Advertisement", () => {
    const preference = { matchLabels: { rack: "a" } };
    const { config, issues } = parseConfig({
      ...none,
      l2Advertisements: [
        object("L2Advertisement", "l2", {
          interfaces: ["eth0", "eth1"],
          nodeSelectors: [{ matchExpressions: [{ key: "edge", operator: "Exists" }] }],
          serviceSelectors: [{ matchLabels: { app: "web" } }],
          preferredNodeSelectors: [
            { weight: 100, preference },
            { weight: 1, preference: {} },
          ],
        }),
      ],
    });
    expect(issues).toEqual([]);
    expect(config.l2Advertisements).toEqual([
      {
        name: "l2",
        pools: new Set(),
        interfaces: ["eth0", "eth1"],
        nodeSelectors: [
          { matchLabels: {}, matchExpressions: [{ key: "edge", operator: "Exists", values: [] }] },
        ],
        serviceSelectors: [{ matchLabels: { app: "web" }, matchExpressions: [] }],
        preferredNodeSelectors: [
          { weight: 100, preference: { ...preference, matchExpressions: [] } },
          { weight: 1, preference: { matchLabels: {}, matchExpressions: [] } },
        ],
      },
    ]);
  });

  test.each([
    ["a weight of 0", { weight: 0, preference: {} }, "field.range"],
    ["a weight of 101", { weight: 101, preference: {} }, "field.range"],
    ["no weight", { preference: {} }, "field.missing"],
    ["no preference", { weight: 1 }, "field.missing"],
  ])("rejects a preferred node selector with %s", (_, selector, code) => {
    const { config, issues } = parseConfig({
      ...none,
      l2Advertisements: [object("L2Advertisement", "l2", { preferredNodeSelectors: [selector] })],
    });
    expect(config.l2Advertisements).toEqual([]);
    expect(issues.map((issue) => issue.code)).toEqual([code]);
  });

  test("reads a BGPAdvertisement, its aliases resolved and its communities in one form", () => {
    const { config, issues } = parseBgp({
      ipAddressPools: ["v4"],
      aggregationLength: 24,
      aggregationLengthV6: 64,
      localPref: 0,
      communities: ["no-transit", "65000:100", "large:1:02:4294967295"],
      peers: ["tor"],
    });
    expect(issues).toEqual([]);
    expect(config.bgpAdvertisements[0]).toEqual({
      name: "ad0",
      pools: new Set(["v4"]),
      nodeSelectors: [],
      serviceSelectors: [],
      aggregationLength: 24,
      aggregationLengthV6: 64,
      localPref: 0,
      communities: ["65000:100", "large:1:2:4294967295"],
      peers: ["tor"],
    });
    expect(parseBgp({}).config.bgpAdvertisements[0]).toMatchObject({
      aggregationLength: 32,
      aggregationLengthV6: 128,
    });
    expect(parseBgp({}).config.bgpAdvertisements[0]).not.toHaveProperty("localPref");
  });

  const selectors = { serviceSelectors: [{ matchLabels: { app: "web" } }] };
  test.each([
    ["a pool twice", { ipAddressPools: ["v4", "v4"] }, "spec.ipAddressPools[1]", "list.duplicate"],
    ["a peer twice", { peers: ["a", "a"] }, "spec.peers[1]", "list.duplicate"],
    ["a community twice", { communities: ["1:1", "1:1"] }, "spec.communities[1]", "list.duplicate"],
    ["a length of 0", { aggregationLength: 0 }, "spec.aggregationLength", "field.range"],
    ["a length of 33", { aggregationLength: 33 }, "spec.aggregationLength", "field.range"],
    ["an IPv6 length of 129", { aggregationLengthV6: 129 }, "spec.aggregationLengthV6", "field.range"],
    ["a localPref beyond 32 bits", { localPref: 4294967296 }, "spec.localPref", "field.range"],
    [
      "a part beyond 16 bits",
      { communities: ["65536:1"] },
      "spec.communities[0]",
      "advertisement.community-malformed",
    ],
    ["three parts", { communities: ["1:2:3"] }, "spec.communities[0]", "advertisement.community-malformed"],
    [
      "another marker",
      { communities: ["lar:1:2:3"] },
      "spec.communities[0]",
      "advertisement.community-malformed",
    ],
    [
      "an unknown alias",
      { communities: ["transit"] },
      "spec.communities[0]",
      "advertisement.community-unknown",
    ],
    [
      "selectors with a length",
      { ...selectors, aggregationLength: 24 },
      "spec.aggregationLength",
      "advertisement.selectors-with-aggregation",
    ],
    [
      "selectors with an IPv6 length",
      { ...selectors, aggregationLengthV6: 120, ipAddressPools: ["v6"] },
      "spec.aggregationLengthV6",
      "advertisement.selectors-with-aggregation",
    ],
  ])("rejects %s", (_, spec, path, code) => {
    const { config, issues } = parseBgp({ ipAddressPools: ["v4"], ...spec });
    expect(config.bgpAdvertisements).toEqual([]);
    expect(issues.map((issue) => `${issue.path} ${issue.code}`)).toEqual([`${path} ${code}`]);
  });

  test.each([
    ["accepts", "v4", { aggregationLength: 24 }, undefined],
    ["rejects", "v4", { aggregationLength: 23 }, "23 is shorter than 10.0.0.0/24 of IPAddressPool"],
    ["accepts", "v6", { aggregationLength: 8, aggregationLengthV6: 120 }, undefined],
    ["rejects", "v6", { aggregationLengthV6: 119 }, "119 is shorter than 2001:db8::/120"],
    [
      "rejects",
      "dual",
      { aggregationLength: 16, aggregationLengthV6: 120 },
      "16 is shorter than 10.1.0.0/24",
    ],
  ])("%s an aggregate of %s with %j", (_, pool, lengths, claim) => {
    const { issues } = parseBgp({ ipAddressPools: [pool], ...lengths });
    expect(issues).toHaveLength(claim ? 1 : 0);
    if (claim) expect(issues[0]?.message).toContain(claim);
  });

  test("takes a range's largest part as its length: some part is then inside the aggregate", () => {
    const pool = object("IPAddressPool", "range", { addresses: ["10.9.0.3-10.9.0.130"] });
    const ad = (length: number) => object("BGPAdvertisement", "ad", { aggregationLength: length });
    const issuesWith = (length: number) =>
      parseConfig({ ...none, pools: [pool], bgpAdvertisements: [ad(length)] }).issues.map(
        ({ message }) => message,
      );
    expect(issuesWith(26)).toEqual([]);
    expect(issuesWith(25)).toEqual([
      'spec.aggregationLength: 25 is shorter than 10.9.0.64/26, the largest part of 10.9.0.3-10.9.0.130, of IPAddressPool "range", so it would announce addresses outside the pool; allowed are 26 to 32',
    ]);
  });
});

describe("parseConfig() of advertisements that disagree on localPref", () => {
  const nodes = [
    { name: "n1", labels: { rack: "a", edge: "yes" } },
    { name: "n2", labels: { rack: "b" } },
  ];
  const rack = (name: string) => ({ nodeSelectors: [{ matchLabels: { rack: name } }] });
  const edge = { nodeSelectors: [{ matchLabels: { edge: "yes" } }] };
  const one = { ipAddressPools: ["v4"], localPref: 100 };
  const two = { ipAddressPools: ["v4"], localPref: 200 };

  test.each([
    ["the same prefix, peers and nodes", one, two, true],
    ["100 against none, which is 100", one, { ipAddressPools: ["v4"] }, false],
    ["200 against none", two, { ipAddressPools: ["v4"] }, true],
    ["different pools", one, { ...two, ipAddressPools: ["v6"] }, false],
    ["different lengths", one, { ...two, aggregationLength: 24 }, false],
    ["a length of the other family", one, { ...two, aggregationLengthV6: 64 }, true],
    [
      "one length of a dual pool",
      { ...one, ipAddressPools: ["dual"] },
      { ...two, ipAddressPools: ["dual"], aggregationLength: 24 },
      true,
    ],
    [
      "both lengths of a dual pool",
      { ...one, ipAddressPools: ["dual"] },
      { ...two, ipAddressPools: ["dual"], aggregationLength: 24, aggregationLengthV6: 120 },
      false,
    ],
    ["different peers", { ...one, peers: ["a"] }, { ...two, peers: ["b"] }, false],
    ["a common peer", { ...one, peers: ["a", "c"] }, { ...two, peers: ["b", "c"] }, true],
    ["all peers against one", one, { ...two, peers: ["b"] }, true],
    ["different nodes", { ...one, ...rack("a") }, { ...two, ...rack("b") }, false],
    ["a common node by different labels", { ...one, ...rack("a") }, { ...two, ...edge }, true],
    ["no common node by different labels", { ...one, ...rack("b") }, { ...two, ...edge }, false],
    [
      "serviceSelectors, which only routes can judge",
      one,
      { ...two, serviceSelectors: [{ matchLabels: { a: "b" } }] },
      false,
    ],
  ])("%s", (_, first, second, conflict) => {
    const { config, issues } = parseConfig({
      ...none,
      pools,
      bgpAdvertisements: [
        object("BGPAdvertisement", "b", first, 1),
        object("BGPAdvertisement", "a", second, 2),
      ],
      nodes,
    });
    expect(config.bgpAdvertisements.map(({ name }) => name)).toEqual(conflict ? ["b"] : ["b", "a"]);
    expect(issues.map(({ name, code }) => `${name} ${code}`)).toEqual(
      conflict ? ["a advertisement.local-pref-conflict"] : [],
    );
  });

  test("where nodes are not known, only what is certain counts", () => {
    const issuesOf = (first: object, second: object) =>
      parseConfig({
        ...none,
        pools,
        bgpAdvertisements: [
          object("BGPAdvertisement", "b", first, 1),
          object("BGPAdvertisement", "a", second, 2),
        ],
      }).issues.length;
    expect(issuesOf({ ...one, ...rack("a") }, { ...two, ...edge })).toBe(0);
    expect(issuesOf({ ...one, ...rack("a") }, { ...two, ...rack("a") })).toBe(1);
    expect(issuesOf(one, { ...two, ...edge })).toBe(1);
  });
});

describe("parseConfig() of communities", () => {
  const community = (name: string, day: number, ...communities: unknown[]) =>
    object("Community", name, { communities }, day);

  test("rejects a younger object that defines an alias again, and keeps the older", () => {
    const { config, issues } = parseConfig({
      ...none,
      communities: [
        community("a", 2, { name: "x", value: "1:2" }),
        community("b", 1, { name: "x", value: "1:1" }),
      ],
      bgpAdvertisements: [object("BGPAdvertisement", "ad", { communities: ["x"] })],
    });
    expect(config.bgpAdvertisements[0]?.communities).toEqual(["1:1"]);
    expect(issues).toMatchObject([
      { name: "a", path: "spec.communities[0].name", code: "community.duplicate" },
    ]);
  });

  test.each([
    [
      "an alias twice",
      [
        { name: "x", value: "1:1" },
        { name: "x", value: "1:2" },
      ],
      "spec.communities[1].name",
    ],
    ["no name", [{ value: "1:1" }], "spec.communities[0].name"],
    ["no value", [{ name: "x" }], "spec.communities[0].value"],
    ["a bad value", [{ name: "x", value: "99999999:1" }], "spec.communities[0].value"],
    ["a bad marker", [{ name: "x", value: "lar:123:9999:123" }], "spec.communities[0].value"],
    ["a bad large value", [{ name: "x", value: "large:123:9999:4294967296" }], "spec.communities[0].value"],
  ])("rejects %s", (_, communities, path) => {
    const { issues } = parseConfig({ ...none, communities: [community("a", 1, ...communities)] });
    expect(issues.map((issue) => issue.path)).toEqual([path]);
  });
});

describe("parseConfig() of IPv6 and BFD echo", () => {
  const peer = (name: string, bfdProfile: string) =>
    object("BGPPeer", name, { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1", bfdProfile });
  const world = {
    ...none,
    pools,
    peers: [peer("echo", "echo"), peer("plain", "plain")],
    bfdProfiles: [object("BFDProfile", "echo", { echoMode: true }), object("BFDProfile", "plain", {})],
  };

  test.each([
    ["an IPv6 pool to the peer with echo", { ipAddressPools: ["v6"], peers: ["echo"] }, 1],
    ["an IPv6 pool to all peers", { ipAddressPools: ["dual"] }, 1],
    ["an IPv6 pool to the other peer", { ipAddressPools: ["v6"], peers: ["plain"] }, 0],
    ["an IPv4 pool", { ipAddressPools: ["v4"] }, 0],
  ])("%s", (_, spec, issues) => {
    const parsed = parseConfig({ ...world, bgpAdvertisements: [object("BGPAdvertisement", "ad", spec)] });
    expect(parsed.issues).toHaveLength(issues);
    expect(parsed.config.bgpAdvertisements).toHaveLength(1 - issues);
    expect(parsed.config.peers).toHaveLength(2);
  });
});

describe("validateResource()", () => {
  const existing = {
    ...none,
    pools,
    peers: [object("BGPPeer", "tor", { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1", bfdProfile: "fast" })],
    bfdProfiles: [object("BFDProfile", "fast", {})],
  };

  test("gives the issues of that object only", () => {
    const broken = { ...existing, pools: [...pools, object("IPAddressPool", "broken", { addresses: [] })] };
    expect(validateResource(object("IPAddressPool", "new", { addresses: ["10.5.0.0/24"] }), broken)).toEqual(
      [],
    );
  });

  test("an edit that overlaps a younger pool is the edit's fault", () => {
    const edited = object("IPAddressPool", "v4", { addresses: ["10.1.0.0/16"] }, 1);
    const younger = {
      ...existing,
      pools: pools.map((pool) => ({
        ...pool,
        metadata: { ...pool.metadata, creationTimestamp: "2030-01-01T00:00:00Z" },
      })),
    };
    expect(validateResource(edited, younger).map(({ name, code }) => `${name} ${code}`)).toEqual([
      "v4 pool.overlap",
    ]);
  });

  test("an update is not compared with its own old version", () => {
    expect(validateResource(object("IPAddressPool", "v4", { addresses: ["10.0.0.0/25"] }), existing)).toEqual(
      [],
    );
  });

  test.each([
    [
      "a profile",
      object("BGPPeer", "new", { myASN: 1, peerASN: 2, peerAddress: "10.0.0.2", bfdProfile: "later" }),
    ],
    ["an alias", object("BGPAdvertisement", "new", { communities: ["later"] })],
    ["a pool", object("L2Advertisement", "new", { ipAddressPools: ["later"] })],
  ])("lets an object name %s that may be applied after it", (_, resource) => {
    expect(validateResource(resource, existing)).toEqual([]);
  });

  test("knows nothing of other kinds", () => {
    expect(validateResource(object("Service", "x", {}), existing)).toEqual([]);
  });

  test("validateRemoval() keeps a BFDProfile that a BGPPeer uses", () => {
    expect(validateRemoval(object("BFDProfile", "fast", {}), existing).map(({ message }) => message)).toEqual(
      ['metadata.name: BFDProfile "fast" is used by BGPPeer "tor"; remove spec.bfdProfile there first'],
    );
    expect(validateRemoval(object("BFDProfile", "slow", {}), existing)).toEqual([]);
    expect(validateRemoval(object("IPAddressPool", "v4", {}), existing)).toEqual([]);
  });
});
