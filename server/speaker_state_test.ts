import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import type { SpeakerState } from "./ports.ts";
import { parseSpeakerState } from "./speaker_state.ts";

const state: SpeakerState = {
  version: 7,
  node: "node1",
  pod: "speaker-abc",
  build: "0.1.0",
  startedAt: 1_000,
  recordOnly: false,
  announcements: [
    {
      address: "192.168.1.240",
      services: ["default/web"],
      protocol: "layer2",
      interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01" }],
      since: 2_000,
      requests: 3,
      responses: 2,
      gratuitous: 1,
    },
  ],
  routes: [{ prefix: "192.168.1.240/32", services: ["default/web"], peers: ["router"], since: 2_000 }],
  sessions: [
    {
      peer: "router",
      address: "192.168.1.1",
      port: 179,
      myASN: 64_512,
      peerASN: 64_513,
      state: "Established",
      since: 2_000,
      prefixesSent: 1,
      prefixesReceived: 0,
      flaps: 0,
      capabilities: [],
    },
  ],
  members: [{ node: "node2", address: "192.168.1.12", state: "alive", since: 2_000 }],
  moves: [{ at: 3_000, address: "192.168.1.240", to: "node1", why: reason("move.first") }],
  issues: [],
};

describe("parseSpeakerState()", () => {
  test("gives back what a speaker sent as JSON", () => {
    expect(parseSpeakerState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  test("gives back what a speaker says of conflicts, interfaces, itself and the ring", () => {
    const full: SpeakerState = {
      ...state,
      announcements: state.announcements.map((one) => ({ ...one, phase: "probing", yieldingTo: "node2" })),
      members: state.members.map((one) => ({ ...one, by: "ring", roundTripMs: 0.4 })),
      conflicts: [
        {
          address: "192.168.1.240",
          mac: "02:00:00:00:00:99",
          ownMac: "02:00:00:00:00:01",
          interface: "eth0",
          phase: "probe",
          since: 1_000,
          lastAt: 2_000,
        },
      ],
      interfaces: [
        { name: "eth1", mac: "", isUsable: false, unusable: "no-carrier", addresses: ["192.168.1.11/24"] },
      ],
      facts: {
        interfaces: [{ name: "eth0", connected: ["192.168.1.0/24"] }],
        isTruncated: false,
        stableSince: 1_000,
        flaps: 1,
        isAnswering: true,
      },
      ring: {
        port: 7_947,
        isBlocked: false,
        watchers: ["node2"],
        targets: ["node3"],
        awareness: 0,
        accusations: 1,
        vetoes: 2,
        verdicts: [{ at: 3_000, node: "node3", silentMs: 601.5, accusers: ["node2"], hasWitness: true }],
      },
    };
    expect(parseSpeakerState(JSON.parse(JSON.stringify(full)))).toEqual(full);
  });

  test("leaves out what it does not know: fields, and moves with a reason of a newer version", () => {
    const newer = {
      ...state,
      colour: "green",
      moves: [
        ...state.moves,
        { at: 4_000, address: "192.168.1.241", why: { code: "move.moon-phase", params: {} } },
      ],
    };
    expect(parseSpeakerState(newer)).toEqual(state);
  });

  test.each([
    ["no object", null, "document"],
    ["a version that is text", { ...state, version: "7" }, "version"],
    ["a negative version", { ...state, version: -1 }, "version"],
    [
      "a state RFC 4271 has not",
      { ...state, sessions: [{ ...state.sessions[0], state: "Up" }] },
      "sessions.0.state",
    ],
    ["a name beyond all bounds", { ...state, node: "n".repeat(5_000) }, "node"],
    ["a field that is missing", { ...state, members: undefined }, "members"],
  ])("refuses %s and names the place", (_, json, place) => {
    expect(() => parseSpeakerState(json)).toThrow(`cannot read the speaker's state: ${place}`);
  });
});
