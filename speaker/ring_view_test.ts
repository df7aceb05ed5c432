import { describe, expect, test } from "bun:test";
import type { RingState } from "#core/membership/ring/mod.ts";
import type { Member } from "./members.ts";
import { membersView, ringView } from "./ring_view.ts";

const report = (more: Partial<RingState> = {}): RingState => ({
  isSettled: true,
  hasCarrier: true,
  incarnation: 1,
  awareness: 0,
  flaps: 0,
  watchers: ["b"],
  targets: ["c"],
  members: [],
  neverHeard: [],
  verdicts: [],
  sent: 0,
  received: 0,
  ...more,
});
const member = (node: string, by: Member["by"], more: Partial<Member> = {}): Member => ({
  node,
  address: "192.0.2.1",
  state: "alive",
  since: 0,
  by,
  isCapable: true,
  ...more,
});

describe("ringView()", () => {
  test.each<[string, Member[], Partial<RingState>, boolean]>([
    ["all are heard", [member("b", "ring")], {}, false],
    ["one of several is heard", [member("b", "ring"), member("c", "memberlist")], {}, false],
    ["others live, by memberlist's word only", [member("b", "memberlist")], {}, true],
    ["nothing is heard at all, and the Pods decide", [member("b", "pod", { isCapable: false })], {}, true],
    ["the others are MetalLB's", [member("b", "memberlist", { isCapable: false })], {}, false],
    ["the others are dead", [member("b", "memberlist", { state: "dead" })], {}, false],
    ["it is alone", [], {}, false],
    ["nobody had the time to be heard yet", [member("b", "pod")], { isSettled: false }, false],
  ])("the port, where %s", (_, members, more, isBlocked) => {
    expect(ringView(report(more), members, 7_947).isBlocked).toBe(isBlocked);
  });

  test("sums what the members were accused of and contradicted in", () => {
    const counted = { state: "alive", awareness: 0, lateMs: 0, flaps: 0 } as const;
    const members = [
      { node: "b", accusations: 2, vetoes: 1, ...counted },
      { node: "c", accusations: 1, vetoes: 0, ...counted },
    ];
    expect(ringView(report({ members }), [], 7_947)).toMatchObject({ accusations: 3, vetoes: 1 });
  });
});

test("membersView() prefers the ring's round trip to memberlist's", () => {
  const measured = {
    node: "b",
    state: "alive",
    awareness: 0,
    lateMs: 0,
    accusations: 0,
    vetoes: 0,
    flaps: 0,
  };
  const ring = report({ members: [{ ...measured, roundTripMs: 0.3 } as RingState["members"][number]] });
  const members = [
    member("b", "ring", { roundTripMs: 2 }),
    member("c", "memberlist", { roundTripMs: 5 }),
    member("d", "pod"),
  ];
  expect(membersView(members, ring).map(({ roundTripMs }) => roundTripMs)).toEqual([0.3, 5, undefined]);
});
