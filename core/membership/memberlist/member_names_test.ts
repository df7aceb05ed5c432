import { describe, expect, test } from "bun:test";
import { aliveOf, Driven, deadOf, port, suspectOf } from "./testing.ts";

describe("names and addresses", () => {
  test("another address for a name that lives, is suspect or dead is a conflict; who left may come back elsewhere", () => {
    const one = new Driven(["node2"]);
    const elsewhere = aliveOf("node2", 9, { addr: "10.0.0.200" });
    const conflicts = () => one.actions.filter(({ type }) => type === "conflict").length;
    one.hear(elsewhere);
    one.hear(suspectOf("node2", "node3"));
    one.hear(elsewhere);
    one.hear(deadOf("node2", "node3"));
    one.hear(elsewhere);
    expect([conflicts(), one.stateOf("node2")]).toEqual([3, "dead"]);
    one.hear(aliveOf("node2", 10), deadOf("node2", "node2", 10));
    expect(one.stateOf("node2")).toBe("left");
    one.hear(aliveOf("node2", 1, { addr: "10.0.0.200" }));
    expect(one.machine.members()).toMatchObject([{ state: "alive", addr: "10.0.0.200", incarnation: 1 }]);
    expect(conflicts()).toBe(3);
  });

  test("the dead come back under their old address with a higher incarnation, and not with the same", () => {
    const one = new Driven(["node2"]);
    one.hear(deadOf("node2", "node3"));
    one.hear(aliveOf("node2", 1));
    expect(one.stateOf("node2")).toBe("dead");
    one.hear(aliveOf("node2", 2));
    expect(one.told("node2")).toEqual(["dead", "alive"]);
  });

  test("the dead are gossiped to for GossipToTheDeadTime, and then forgotten", () => {
    const one = new Driven(["node2", "node3"], {
      pushPullIntervalMs: 0,
      probeTimeoutMs: 1,
      disableTcpPings: true,
    });
    one.hear(deadOf("node2", "node3"));
    one.run(1000);
    expect(one.sent("dead").some(({ to }) => to === "10.0.0.2")).toBe(true);
    one.hear(aliveOf("node3", 2));
    for (let second = 0; second < 40; second++) {
      one.run(1000);
      one.hear(aliveOf("node3", 3 + second));
    }
    expect(one.machine.members().map(({ name }) => name)).toEqual(["node3"]);
  });

  test.each([
    ["no name", { node: "" }],
    ["no address", { addr: "" }],
    ["a minimum version of 0", { vsn: [0, 5, 2, 0, 0, 0] }],
    ["a minimum above the maximum", { vsn: [5, 2, 2, 0, 0, 0] }],
  ])("nobody comes to life with %s", (_, more) => {
    const one = new Driven([]);
    one.hear(aliveOf("node2", 1, more));
    expect(one.machine.members()).toEqual([]);
  });

  test("a member without a port, as the oldest protocol has it, is at this node's", () => {
    const one = new Driven([]);
    one.hear(aliveOf("node2", 1, { port: 0 }));
    expect(one.machine.members()).toMatchObject([{ name: "node2", port }]);
  });

  test("no more than 4,096 members are remembered, whoever speaks", () => {
    const one = new Driven([]);
    for (let host = 0; host < 5000; host++) {
      const addr = `10.1.${host >> 8}.${host & 255}`;
      one.hear(aliveOf(`node${host}x`, 1, { addr }));
    }
    expect(one.machine.members()).toHaveLength(4095);
  });
});
