import { describe, expect, test } from "bun:test";
import { none, object, pools } from "./fixtures.ts";
import { parseConfig } from "./mod.ts";

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

describe("parseConfig() of IPv6 and BFD echo", () => {
  const peer = (name: string, bfdProfile: string) =>
    object("BGPPeer", name, { myASN: 1, peerASN: 2, peerAddress: `10.0.0.${name.length}`, bfdProfile });
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
