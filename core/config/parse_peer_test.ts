import { describe, expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { none } from "./fixtures.ts";
import { parseConfig } from "./mod.ts";

function parse(spec: unknown, profiles: readonly string[] = ["fast"]) {
  return parseConfig({
    ...none,
    peers: [{ kind: "BGPPeer", metadata: { name: "tor" }, spec }],
    bfdProfiles: profiles.map((name) => ({ kind: "BFDProfile", metadata: { name }, spec: {} })),
  });
}

const least = { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1" };

describe("parseConfig() of a BGPPeer", () => {
  test("fills in the defaults of the schema", () => {
    const { config, issues } = parse(least);
    expect(issues).toEqual([]);
    const [peer] = config.peers;
    expect(peer).toEqual({
      name: "tor",
      myASN: 64512,
      peerASN: 64513,
      peerAddress: { family: "ipv4", value: 0x0a000001n },
      peerPort: 179,
      nodeSelectors: [],
      enableGracefulRestart: false,
      ebgpMultiHop: false,
      dualStackAddressFamily: false,
    });
  });

  test("reads every field", () => {
    const { config, issues } = parse({
      myASN: 4294967295,
      dynamicASN: "external",
      localASN: 65001,
      interface: "eth1",
      sourceAddress: "",
      peerPort: 1179,
      holdTime: "1m30s",
      keepaliveTime: "30s",
      connectTime: "10s",
      routerID: "10.0.0.9",
      nodeSelectors: [{ matchLabels: { rack: "a" } }],
      passwordSecret: { name: "tor-password", namespace: "elsewhere" },
      bfdProfile: "fast",
      enableGracefulRestart: true,
      ebgpMultiHop: true,
      vrf: "red",
      disableMP: true,
      dualStackAddressFamily: true,
    });
    expect(issues).toEqual([]);
    const { routerID, ...peer } = config.peers[0] ?? {};
    expect(routerID && formatAddress(routerID)).toBe("10.0.0.9");
    expect(peer).toEqual({
      name: "tor",
      myASN: 4294967295,
      dynamicASN: "external",
      localASN: 65001,
      interface: "eth1",
      peerPort: 1179,
      holdTimeMs: 90_000,
      keepaliveTimeMs: 30_000,
      connectTimeMs: 10_000,
      nodeSelectors: [{ matchLabels: { rack: "a" }, matchExpressions: [] }],
      passwordSecret: "tor-password",
      bfdProfile: "fast",
      enableGracefulRestart: true,
      ebgpMultiHop: true,
      vrf: "red",
      dualStackAddressFamily: true,
    });
  });

  test.each([
    [{}, undefined, undefined],
    [{ holdTime: "90s" }, 90_000, 30_000],
    [{ keepaliveTime: "10s" }, 30_000, 10_000],
    [{ holdTime: "0s" }, 0, 0],
    [{ holdTime: "0s", keepaliveTime: "0" }, 0, 0],
    [{ holdTime: "3s", keepaliveTime: "3s" }, 3000, 3000],
    [{ holdTime: "1h0.5m" }, 3_630_000, 1_210_000],
  ])("timers %j", (timers, holdTimeMs, keepaliveTimeMs) => {
    const { config, issues } = parse({ ...least, ...timers });
    expect(issues).toEqual([]);
    expect(config.peers[0]?.holdTimeMs).toBe(holdTimeMs as number);
    expect(config.peers[0]?.keepaliveTimeMs).toBe(keepaliveTimeMs as number);
  });

  test.each([
    ["no own AS", { myASN: undefined }, "spec.myASN", "peer.my-asn-missing"],
    ["an own AS of 0", { myASN: 0 }, "spec.myASN", "field.range"],
    ["an own AS out of range", { myASN: 4294967296 }, "spec.myASN", "field.range"],
    ["neither peerASN nor dynamicASN", { peerASN: 0 }, "spec.peerASN", "peer.asn-or-dynamic"],
    ["both of them", { dynamicASN: "internal" }, "spec.peerASN", "peer.asn-or-dynamic"],
    ["another dynamicASN", { peerASN: 0, dynamicASN: "any" }, "spec.dynamicASN", "peer.dynamic-asn"],
    [
      "eBGP multihop on iBGP",
      { peerASN: 64512, ebgpMultiHop: true },
      "spec.ebgpMultiHop",
      "peer.multihop-ibgp",
    ],
    ["neither address nor interface", { peerAddress: "" }, "spec.peerAddress", "peer.address-or-interface"],
    ["both of them", { interface: "eth0" }, "spec.peerAddress", "peer.address-or-interface"],
    ["an address that is none", { peerAddress: "10.0.0.256" }, "spec.peerAddress", "peer.address-malformed"],
    ["a source that is none", { sourceAddress: "eth0" }, "spec.sourceAddress", "peer.address-malformed"],
    ["a source of the other family", { sourceAddress: "::1" }, "spec.sourceAddress", "peer.source-family"],
    ["a router ID that is none", { routerID: "one" }, "spec.routerID", "peer.address-malformed"],
    ["an IPv6 router ID", { routerID: "::1" }, "spec.routerID", "peer.router-id"],
    ["router ID 0.0.0.0", { routerID: "0.0.0.0" }, "spec.routerID", "peer.router-id"],
    ["a port beyond MetalLB's limit", { peerPort: 16385 }, "spec.peerPort", "field.range"],
    ["a hold time of 2 s", { holdTime: "2s" }, "spec.holdTime", "peer.hold-time"],
    ["a hold time of 2.9 s", { holdTime: "2900ms" }, "spec.holdTime", "peer.hold-time"],
    ["a hold time beyond two octets", { holdTime: "65536s" }, "spec.holdTime", "peer.hold-time"],
    [
      "a keepalive above the hold time",
      { holdTime: "9s", keepaliveTime: "10s" },
      "spec.keepaliveTime",
      "peer.keepalive-time",
    ],
    ["a duration that is none", { holdTime: "90" }, "spec.holdTime", "peer.duration-malformed"],
    ["a negative duration", { holdTime: "-90s" }, "spec.holdTime", "peer.duration-malformed"],
    [
      "a connect time of part of a second",
      { connectTime: "1500ms" },
      "spec.connectTime",
      "peer.connect-time",
    ],
    ["a connect time of 0", { connectTime: "0s" }, "spec.connectTime", "peer.connect-time"],
    [
      "two passwords",
      { password: "x", passwordSecret: { name: "y" } },
      "spec.password",
      "peer.two-passwords",
    ],
    ["81 bytes of password", { password: `${"é".repeat(40)}x` }, "spec.password", "peer.password-long"],
    ["an unknown BFD profile", { bfdProfile: "slow" }, "spec.bfdProfile", "peer.bfd-profile-unknown"],
    [
      "a node selector twice",
      { nodeSelectors: [{ matchLabels: { a: "b" } }, { matchLabels: { a: "b" } }] },
      "spec.nodeSelectors[1]",
      "selector.duplicate",
    ],
  ])("rejects %s", (_, change, path, code) => {
    const { config, issues } = parse({ ...least, ...change });
    expect(config.peers).toEqual([]);
    expect(issues.map((issue) => `${issue.path} ${issue.code}`)).toEqual([`${path} ${code}`]);
  });
});

describe("parseConfig() of a BFDProfile", () => {
  const parseProfile = (spec: unknown) =>
    parseConfig({ ...none, bfdProfiles: [{ kind: "BFDProfile", metadata: { name: "fast" }, spec }] });

  test("fills in the documented defaults", () => {
    expect(parseProfile({}).config.bfdProfiles).toEqual([
      {
        name: "fast",
        receiveIntervalMs: 300,
        transmitIntervalMs: 300,
        echoIntervalMs: 50,
        detectMultiplier: 3,
        minimumTtl: 254,
        echoMode: false,
        passiveMode: false,
      },
    ]);
  });

  test.each([
    ["receiveInterval", 9, 10, 60000, 60001],
    ["transmitInterval", 9, 10, 60000, 60001],
    ["echoInterval", 9, 10, 60000, 60001],
    ["detectMultiplier", 1, 2, 255, 256],
    ["minimumTtl", 0, 1, 254, 255],
  ])("holds %s between its bounds", (field, below, min, max, above) => {
    for (const value of [min, max]) expect(parseProfile({ [field]: value }).issues).toEqual([]);
    for (const value of [below, above]) {
      const { config, issues } = parseProfile({ [field]: value });
      expect(config.bfdProfiles).toEqual([]);
      expect(issues[0]?.message).toBe(`spec.${field}: ${value} is not a whole number from ${min} to ${max}`);
    }
  });

  test("a peer of a rejected profile is rejected with it", () => {
    const { config, issues } = parseConfig({
      ...none,
      peers: [{ kind: "BGPPeer", metadata: { name: "tor" }, spec: { ...least, bfdProfile: "fast" } }],
      bfdProfiles: [{ kind: "BFDProfile", metadata: { name: "fast" }, spec: { minimumTtl: 0 } }],
    });
    expect(config.peers).toEqual([]);
    expect(issues.map(({ code }) => code)).toEqual(["field.range", "peer.bfd-profile-unknown"]);
  });
});
