import { describe, expect, test } from "bun:test";
import type { BfdProfile, BgpPeer } from "#core/config/mod.ts";
import { parseAddress } from "#core/net/mod.ts";
import { wantedSessions } from "./bfd_settings.ts";

function address(text: string) {
  return parseAddress(text) ?? expect.unreachable();
}

const profile: BfdProfile = {
  name: "fast",
  receiveIntervalMs: 50,
  transmitIntervalMs: 60,
  echoIntervalMs: 70,
  detectMultiplier: 4,
  minimumTtl: 250,
  echoMode: true,
  passiveMode: true,
};

const peer: BgpPeer = {
  name: "tor",
  myASN: 64512,
  peerASN: 64513,
  peerAddress: address("10.99.0.3"),
  peerPort: 179,
  nodeSelectors: [],
  bfdProfile: "fast",
  enableGracefulRestart: false,
  ebgpMultiHop: false,
  dualStackAddressFamily: false,
};

function wanted(...changes: Partial<BgpPeer>[]) {
  return wantedSessions(
    changes.map((change) => ({ ...peer, ...change })),
    [profile],
    {
      addressOf: (name) => ({ heard: "fe80::1%eth1", unheard: "eth1" })[name],
      isConnected: ({ family }) => family === "ipv4",
    },
  );
}

describe("wantedSessions()", () => {
  test("takes all that the profile says", () => {
    expect(wanted({})).toEqual([
      {
        peers: ["tor"],
        settings: {
          key: "10.99.0.3",
          address: "10.99.0.3",
          isMultihop: false,
          transmitIntervalMs: 60,
          receiveIntervalMs: 50,
          detectMultiplier: 4,
          minimumTtl: 250,
          passiveMode: true,
          echoMode: true,
          echoIntervalMs: 70,
        },
      },
    ]);
  });

  test.each([
    ["no profile is named", { bfdProfile: "" }],
    ["the profile is not there", { bfdProfile: "slow" }],
  ])("watches nobody where %s", (_, change) => {
    expect(wanted(change)).toEqual([]);
  });

  test.each([
    ["eBGP on a link", {}, false],
    ["eBGP over several hops", { ebgpMultiHop: true }, true],
    ["iBGP on a link", { peerASN: 64512 }, false],
    ["iBGP to another network", { peerASN: 64512, peerAddress: address("2001:db8::1") }, true],
    [
      "internal by dynamicASN, to another network",
      { dynamicASN: "internal", peerAddress: address("2001:db8::1") },
      true,
    ],
    ["iBGP by localASN, to another network", { localASN: 64513, peerAddress: address("2001:db8::1") }, true],
    ["eBGP to another network", { peerAddress: address("2001:db8::1") }, false],
  ] as [string, Partial<BgpPeer>, boolean][])("%s", (_, change, isMultihop) => {
    expect(wanted(change)[0]?.settings.isMultihop).toBe(isMultihop);
  });

  test("passes on source address and VRF", () => {
    expect(wanted({ sourceAddress: address("10.99.0.8"), vrf: "red" })[0]?.settings).toMatchObject({
      key: "10.99.0.3 in red",
      localAddress: "10.99.0.8",
      vrf: "red",
    });
  });

  test("an unnumbered peer is watched once its address is known", () => {
    const { peerAddress: _, ...unnumbered } = { ...peer, interface: "eth1" };
    const of = (name: string) =>
      wantedSessions([{ ...unnumbered, name }], [profile], {
        addressOf: (peer) => ({ heard: "fe80::1%eth1", unheard: "eth1" })[peer],
        isConnected: () => false,
      });
    expect(of("unheard")).toEqual([]);
    expect(of("heard")[0]?.settings).toMatchObject({
      key: "fe80::1%eth1",
      address: "fe80::1",
      interface: "eth1",
      isMultihop: false,
    });
  });

  test("peers with one address share a session; in another VRF it is another", () => {
    const sessions = wanted({}, { name: "tor2", peerPort: 1179 }, { name: "tor3", vrf: "red" });
    expect(sessions.map(({ peers }) => peers)).toEqual([["tor", "tor2"], ["tor3"]]);
  });
});
