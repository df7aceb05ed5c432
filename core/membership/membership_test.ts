import { describe, expect, test } from "bun:test";
import { Membership } from "./mod.ts";

const intervalMs = 150;

describe("Membership", () => {
  test("a node without peers settles at once and stays quiet", () => {
    const membership = new Membership({ node: "node1", boot: 1, intervalMs });
    expect(membership.nextDeadline()).toBe(Infinity);
    expect(membership.setPeers(["node1"], 0)).toEqual([{ type: "settled" }]);
    expect(membership.nextDeadline()).toBe(Infinity);
  });

  test("does not wait for the dead longer than ten intervals, and says once that it settled", () => {
    const membership = new Membership({ node: "node1", boot: 1, intervalMs });
    const settled: number[] = [];
    membership.setPeers(["node2"], 0);
    for (let now = 0; now < 5_000; now = Math.max(now + 0.01, membership.nextDeadline()))
      if (membership.expire(now).some((action) => action.type === "settled")) settled.push(now);
    expect(settled).toEqual([1_500]);
  });

  test("takes nothing from a node that is no peer", () => {
    const membership = new Membership({ node: "node1", boot: 1, intervalMs });
    membership.setPeers(["node2"], 0);
    for (let sequence = 1; sequence < 20; sequence++) {
      const beat = { kind: "beat", node: "node9", boot: 5, receiverBoot: 1, sequence, sentAt: 0 } as const;
      expect(membership.receive(beat, sequence)).toEqual([]);
    }
  });
});
