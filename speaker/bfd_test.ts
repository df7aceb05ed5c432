import { describe, expect, test } from "bun:test";
import type { BfdProfile, BgpPeer } from "#core/config/mod.ts";
import { parseAddress } from "#core/net/mod.ts";
import { BfdPeers } from "./bfd.ts";
import type { BfdSessionReport, BfdSessionSettings } from "./data_plane/mod.ts";

const profile: BfdProfile = {
  name: "fast",
  receiveIntervalMs: 50,
  transmitIntervalMs: 50,
  echoIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 254,
  echoMode: false,
  passiveMode: false,
};

const peer: BgpPeer = {
  name: "tor",
  myASN: 64512,
  peerASN: 64513,
  peerAddress: parseAddress("10.99.0.3") ?? expect.unreachable(),
  peerPort: 179,
  nodeSelectors: [],
  bfdProfile: "fast",
  enableGracefulRestart: false,
  ebgpMultiHop: false,
  dualStackAddressFamily: false,
};

function report(change: Partial<BfdSessionReport> = {}): BfdSessionReport {
  return {
    key: "10.99.0.3",
    state: "Up",
    remoteState: "Up",
    since: 1,
    localDiscr: 1,
    remoteDiscr: 2,
    counters: { controlIn: 1, controlOut: 2, echoIn: 3, echoOut: 4, up: 5, down: 6, discarded: 7 },
    ...change,
  };
}

function lab(peers: BgpPeer[] = [peer], profiles = [profile]) {
  const told: string[] = [];
  const sent: BfdSessionSettings[][] = [];
  const log: string[] = [];
  const bfd = new BfdPeers({
    bgp: {
      sessions: () => [],
      bfdChanged: (...words) => told.push(words.join(" ")),
    },
    send: (sessions) => sent.push(sessions),
    log: { info: (text) => log.push(text), warn: (text) => log.push(text) },
    changed() {},
    isConnected: () => true,
  });
  bfd.setPeers(peers, profiles);
  return { bfd, told, sent, log };
}

describe("BfdPeers", () => {
  test("sends the data plane the whole set, and again only when it differs", () => {
    const { bfd, sent } = lab();
    bfd.follow();
    bfd.setPeers([peer], [profile]);
    expect(sent).toHaveLength(1);
    bfd.setPeers([peer], [{ ...profile, transmitIntervalMs: 70 }]);
    expect(sent.at(-1)).toMatchObject([{ key: "10.99.0.3", transmitIntervalMs: 70 }]);
    bfd.setPeers([{ ...peer, name: "other" }], []);
    expect(sent.at(-1)).toEqual([]);
  });

  test("sends nothing where no peer is watched", () => {
    const { bfdProfile: _, ...plain } = peer;
    expect(lab([plain]).sent).toEqual([]);
  });

  test.each([
    ["up", { state: "Up" }],
    ["down", { state: "Down", remoteState: "Down" }],
    ["down", { state: "Init", remoteState: "Down" }],
    ["adminDown", { state: "Down", remoteState: "AdminDown" }],
  ] as [string, Partial<BfdSessionReport>][])("tells BGP %s of %p", (said, change) => {
    const { bfd, told } = lab();
    bfd.heard([report(change)]);
    expect(told).toEqual([`10.99.0.3  ${said}`]);
  });

  test("tells BGP of changes only, and reminds sessions that began since", () => {
    const { bfd, told, log } = lab();
    for (const localDiscr of [1, 1, 1]) bfd.heard([report({ localDiscr })]);
    expect(told).toHaveLength(1);
    expect(log).toHaveLength(1);
    bfd.follow();
    expect(told).toEqual(["10.99.0.3  up", "10.99.0.3  up"]);
  });

  test("a session that begins on another way is no failure", () => {
    const { bfd, told } = lab();
    bfd.heard([report()]);
    bfd.setPeers([{ ...peer, ebgpMultiHop: true }], [profile]);
    expect(told).toEqual(["10.99.0.3  up", "10.99.0.3  adminDown"]);
    expect(bfd.list()).toEqual([]);
  });

  test("lists what was heard of what is wanted", () => {
    const { bfd } = lab();
    expect(bfd.list()).toEqual([]);
    bfd.heard([report(), report({ key: "10.99.0.4" })]);
    const { key: _, ...said } = report();
    expect(bfd.list()).toEqual([
      { ...said, peers: ["tor"], address: "10.99.0.3", vrf: "", isMultihop: false },
    ]);
    bfd.setPeers([], [profile]);
    expect(bfd.list()).toEqual([]);
  });
});
