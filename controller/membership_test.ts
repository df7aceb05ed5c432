import { describe, expect, test } from "bun:test";
import type { NodeFacts, SpeakerFacts } from "#core/announce/mod.ts";
import type { RingState } from "#server/ports.ts";
import { membershipOf } from "./membership.ts";
import { speakerState } from "./testing.ts";

const facts: SpeakerFacts = {
  interfaces: [],
  isTruncated: false,
  stableSince: 0,
  flaps: 0,
  isAnswering: true,
};
const node = (name: string, more: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  labels: {},
  networkUnavailable: false,
  hasSpeaker: true,
  facts,
  ...more,
});
const { facts: _, ...silent } = node("node2");
const ring: RingState = {
  port: 7947,
  isBlocked: true,
  watchers: [],
  targets: [],
  awareness: 0,
  accusations: 0,
  vetoes: 0,
  verdicts: [],
};

describe("membershipOf()", () => {
  test("extras are in force while every live speaker describes itself; a node without one does not count", () => {
    const idle = { ...silent, name: "node3", hasSpeaker: false };
    expect(membershipOf([node("node1"), idle], []).extras).toEqual({ inForce: true, silent: [] });
    expect(membershipOf([node("node1"), silent], []).extras).toEqual({ inForce: false, silent: ["node2"] });
  });

  test("names the nodes whose ring port hears nobody", () => {
    const states = [
      speakerState({ node: "b", ring }),
      speakerState({ node: "a", ring }),
      speakerState({ node: "c", ring: { ...ring, isBlocked: false } }),
      speakerState({ node: "d" }),
    ];
    expect(membershipOf([], states).ringBlocked.map((one) => one.node)).toEqual(["a", "b"]);
  });
});
