import { describe, expect, test } from "bun:test";
import { aliveOf, Driven, shortestMs, suspectOf } from "./testing.ts";

describe("the ring of watchers' words", () => {
  const ours = Uint8Array.from([
    0x82,
    0xa4,
    ...Buffer.from("mlbt"),
    1,
    0xa4,
    ...Buffer.from("fast"),
    0xcd,
    0x1f,
    0x0b,
  ]);

  test("a verdict is told at once as dead: to the accused and to MetalLB's speakers; ours are left to the gossip", () => {
    const one = new Driven(["node2", "node3", "node4"], { gossipNodes: 0 });
    one.hear(aliveOf("node4", 2, { meta: ours }));
    one.forget();
    one.do(one.machine.declareDead("node2", one.now));
    expect(one.told("node2")).toEqual(["dead"]);
    expect(
      one
        .sent("dead")
        .map(({ to }) => to)
        .sort(),
    ).toEqual(["10.0.0.2", "10.0.0.3"]);
    expect(one.sent("dead")[0]?.message).toEqual({
      type: "dead",
      incarnation: 1,
      node: "node2",
      from: "node1",
    });
    one.forget();
    for (const node of ["node2", "node1", "node9"]) one.do(one.machine.declareDead(node, one.now));
    expect(one.actions).toEqual([]);
  });

  test("a suspect that the ring hears is told at once, and gets more time", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(suspectOf("node2", "node3"));
    one.run(shortestMs - 100);
    one.forget();
    one.do(one.machine.confirmAlive("node2", one.now));
    expect(one.sent("suspect")).toMatchObject([{ to: "10.0.0.2", message: { node: "node2" } }]);
    expect(one.machine.confirmAlive("node9", one.now)).toEqual([]);
    one.run(shortestMs - 1);
    expect(one.stateOf("node2")).toBe("suspect");
    one.run(1);
    expect(one.stateOf("node2")).toBe("dead");
  });
});

describe("gossip", () => {
  test("metadata that changed is told under a new incarnation, and seen by others as a change", () => {
    const [one, other] = [new Driven(["node2"]), new Driven(["node2"])];
    one.do(one.machine.update(Uint8Array.of(1, 2), one.now));
    one.run(500);
    const said = one.sent("alive")[0]?.message;
    expect(said).toMatchObject({ node: "node1", incarnation: 2, meta: Uint8Array.of(1, 2) });
    other.hear(aliveOf("node2", 2, { meta: Uint8Array.of(9) }));
    expect(other.told("node2")).toEqual(["alive"]);
    expect(() => one.machine.update(new Uint8Array(513), one.now)).toThrow("at most 512 bytes, not 513");
  });

  test("no datagram is larger than UDPBufferSize, however much there is to tell", () => {
    const one = new Driven(["node2", "node3"]);
    for (let host = 10; host < 200; host++)
      one.hear(aliveOf(`node${host}`, 1, { meta: new Uint8Array(host) }));
    one.run(5000);
    const sizes = one.actions.flatMap((action) => (action.type === "datagram" ? [action.bytes.length] : []));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1400);
    expect(Math.max(...sizes)).toBeGreaterThan(1200);
  });
});
