import { describe, expect, test } from "bun:test";
import type { Layer2Entry } from "#core/announce/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { Members } from "./members.ts";
import { Moves } from "./moves.ts";

const address = "192.168.1.240";
const entry = (winner: string | undefined, barrier?: Reason): Layer2Entry => ({
  address,
  hashed: address,
  services: ["default/demo"],
  place: winner === "node1" ? "first" : "second",
  interfaces: [],
  ...(barrier ? { barrier } : {}),
  ...(winner === undefined ? {} : { winner }),
});
const start = () => {
  const members = new Members("node1");
  members.setPods(
    [{ namespace: "m", name: "s2", uid: "2", nodeName: "node2", podIP: "192.168.1.12", ready: true }],
    0,
  );
  return { members, moves: new Moves("node1", members) };
};

describe("Moves", () => {
  test("a takeover from a silent node is timed from its last sign of life to the first gratuitous frame", () => {
    const { members, moves } = start();
    members.heardByRing("node2", "dead", 1_000, 1_600);
    moves.decided({ address, before: entry("node2"), after: entry("node1") }, 1_601, false);
    expect(moves.list()).toEqual([]);
    moves.announced(address, 1_612);
    expect(moves.list()).toEqual([
      {
        at: 1_612,
        address,
        from: "node2",
        to: "node1",
        why: reason("move.node-lost", { from: "node2" }),
        tookMs: 612,
      },
    ]);
    moves.announced(address, 2_700);
    expect(moves.list().length).toBe(1);
  });

  test("a planned move is told by the node that gives up, not by the one that takes", () => {
    const { moves } = start();
    moves.decided({ address, before: entry("node2"), after: entry("node1") }, 1, false);
    moves.announced(address, 2);
    expect(moves.list()).toEqual([]);
    moves.decided({ address, before: entry("node1"), after: entry("node2") }, 3, false);
    expect(moves.list()[0]).toMatchObject({ from: "node1", to: "node2", why: { code: "move.preferred" } });
  });

  test("says why the node itself stepped back", () => {
    const { moves } = start();
    const excluded = reason("announce.node-excluded", { node: "node1" });
    const left = moves.decided(
      { address, before: entry("node1"), after: entry("node2", excluded) },
      1,
      false,
    );
    expect(left?.why).toEqual(excluded);
    expect(moves.list()).toEqual(left ? [left] : []);
  });

  test("learning at the start what already is tells no move; a new Service does", () => {
    const { moves } = start();
    moves.decided({ address, after: entry("node1") }, 1, true);
    moves.announced(address, 2);
    expect(moves.list()).toEqual([]);
    moves.decided(
      { address: "192.168.1.241", after: { ...entry("node1"), address: "192.168.1.241" } },
      3,
      false,
    );
    moves.announced("192.168.1.241", 4);
    expect(moves.list()[0]).toMatchObject({ to: "node1", why: { code: "move.first" }, tookMs: 1 });
  });

  test("keeps the newest two hundred", () => {
    const { moves } = start();
    for (let index = 0; index < 300; index++)
      moves.decided({ address, before: entry("node1") }, index, false);
    expect(moves.list().length).toBe(200);
    expect(moves.list()[0]?.at).toBe(299);
  });
});
