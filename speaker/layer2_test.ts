import { describe, expect, test } from "bun:test";
import type { Layer2Change, Layer2Entry } from "#core/announce/mod.ts";
import { OwnAddresses } from "./layer2.ts";

const address = "192.168.1.240";
const entry = (winner: string | undefined, more: Partial<Layer2Entry> = {}): Layer2Entry => ({
  address,
  hashed: address,
  place: winner === "node1" ? "first" : winner === undefined ? "later" : "second",
  services: ["default/demo"],
  interfaces: [],
  ...(winner !== undefined && { winner }),
  ...more,
});
const to = (winner: string | undefined, more: Partial<Layer2Entry> = {}): Layer2Change[] => [
  { address, after: entry(winner, more) },
];
const announced = (at = 1) => ({
  type: "announced" as const,
  address,
  interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01" as never }],
  at,
});
const anybody = () => true;
const nobody = () => false;
function announcing() {
  const own = new OwnAddresses("node1");
  own.apply(to("node1"), 0, anybody);
  own.announced(announced());
  return own;
}

describe("OwnAddresses", () => {
  test("an address lost to a node that takes it is kept for the data plane until that claims it, and not announced", () => {
    const own = announcing();
    expect(own.apply(to("node2"), 2, anybody)).toBe(true);
    expect(own.forDataPlane()).toEqual([{ address, interfaces: [], yieldingTo: "node2" }]);
    expect([own.entries(), own.isAnnounced(address)]).toEqual([[], false]);
    expect(own.list()).toMatchObject([{ address, yieldingTo: "node2" }]);
    expect(own.apply(to("node2"), 3, anybody)).toBe(false);
    const report = { type: "released" as const, address, why: "claimed" as const, at: 4 };
    expect(own.released({ ...report, to: "node3" })).toBe(false);
    expect(own.released({ ...report, to: "node2" })).toBe(true);
    expect(own.forDataPlane()).toEqual([]);
  });

  test("an address that is taken back from a node that died while it was given to it is announced all along", () => {
    const own = announcing();
    own.apply(to("node2"), 2, anybody);
    expect([own.apply(to("node1"), 3, nobody), own.stopYielding(nobody)]).toEqual([true, false]);
    expect(own.forDataPlane()).toEqual([{ address, interfaces: [] }]);
    // The data plane never stopped, so it reports no first announcement again.
    expect(own.isAnnounced(address)).toBe(true);
  });

  test.each<[string, Layer2Change[], (node: string) => boolean]>([
    ["a node that cannot take it", to("node2"), nobody],
    [
      "nobody: the Service has no endpoint",
      to(undefined, { blocked: { code: "announce.no-endpoints", params: {} } }),
      anybody,
    ],
    ["nobody: the Service is gone", [{ address }], anybody],
  ])("an address lost to %s is given up at once", (_, changes, canTake) => {
    const own = announcing();
    expect(own.apply(changes, 2, canTake)).toBe(true);
    expect(own.forDataPlane()).toEqual([]);
  });

  test("what was never announced is not kept for anybody", () => {
    const own = new OwnAddresses("node1");
    own.apply(to("node1"), 0, anybody);
    own.apply(to("node2"), 1, anybody);
    expect(own.forDataPlane()).toEqual([]);
  });

  test("it is given up when the one it is kept for dies, and kept for good when it comes back", () => {
    const lost = announcing();
    lost.apply(to("node2"), 2, anybody);
    expect(lost.stopYielding(anybody)).toBe(false);
    expect(lost.stopYielding(nobody)).toBe(true);
    expect(lost.forDataPlane()).toEqual([]);
    const back = announcing();
    back.apply(to("node2"), 2, anybody);
    expect(back.apply(to("node1"), 3, anybody)).toBe(true);
    expect(back.forDataPlane()).toEqual([{ address, interfaces: [] }]);
    expect(back.isAnnounced(address)).toBe(true);
  });

  test("an address used for the first time is asked for", () => {
    const own = new OwnAddresses("node1");
    own.apply(to("node1", { isProbed: true }), 0, anybody);
    expect(own.forDataPlane()).toEqual([{ address, interfaces: [], isProbed: true }]);
  });

  test("what the data plane took and announced before it was decided counts when it is", () => {
    const own = new OwnAddresses("node1");
    expect(own.announced(announced(5))).toBe(false);
    expect(own.decidedNow(6)).toEqual([]);
    own.apply(to("node1"), 7, anybody);
    const [report] = own.decidedNow(7);
    expect(report && own.announced(report)).toBe(true);
    expect(own.isAnnounced(address)).toBe(true);
    expect(own.decidedNow(8)).toEqual([]);
  });

  test("what was taken and is not decided is forgotten", () => {
    const own = new OwnAddresses("node1");
    own.announced(announced(5));
    expect(own.decidedNow(20_000)).toEqual([]);
    own.apply(to("node1"), 20_001, anybody);
    expect(own.decidedNow(20_001)).toEqual([]);
  });
});
