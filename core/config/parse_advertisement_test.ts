import { describe, expect, test } from "bun:test";
import { none, object, pools } from "./fixtures.ts";
import { parseConfig } from "./mod.ts";

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
      ipAddressPools: ["v4"],
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
