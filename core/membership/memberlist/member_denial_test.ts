import { describe, expect, test } from "bun:test";
import type { Alive } from "./messages.ts";
import { aliveOf, Driven, deadOf, suspectOf } from "./testing.ts";

describe("what is said of this node", () => {
  test.each([
    ["suspect", suspectOf("node1", "node2")],
    ["dead", deadOf("node1", "node2")],
    ["suspect, far ahead", suspectOf("node1", "node2", 41)],
    ["alive, by an earlier run", aliveOf("node1", 41, { meta: Uint8Array.of(1) })],
  ])("is denied with a higher incarnation: %s", (_, message) => {
    const one = new Driven(["node2"]);
    one.hear(message);
    one.run(500);
    const denial = one.sent("alive").find(({ message: said }) => said.node === "node1")?.message;
    expect(denial?.incarnation).toBeGreaterThan((message as Alive).incarnation);
    expect(one.actions).toContainEqual({
      type: "refuted",
      accuser: message.type === "alive" ? "node1" : "node2",
    });
    expect(one.machine.health).toBe(1);
  });

  test("is no news where it is what this node says", () => {
    const one = new Driven(["node2"]);
    one.hear(aliveOf("node1", 1));
    one.hear(suspectOf("node1", "node9", 0));
    one.run(300);
    expect(one.actions.some(({ type }) => type === "refuted")).toBe(false);
  });

  test("is told again to who did not hear the denial, and to nobody else", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(suspectOf("node1", "node2"));
    one.run(5000);
    one.forget();
    one.hear(deadOf("node1", "node3", 1), suspectOf("node1", "node9", 1), suspectOf("node2", "node3", 0));
    expect(one.sent("alive")).toMatchObject([{ to: "10.0.0.3", message: { node: "node1", incarnation: 2 } }]);
    expect(one.actions.some(({ type }) => type === "refuted")).toBe(false);
  });

  test("after its goodbye it denies nothing, and does not come back by somebody's old word", () => {
    const one = new Driven(["node2"]);
    one.do(one.machine.leave(one.now));
    expect(one.sent("dead")[0]).toMatchObject({ to: "10.0.0.2", message: { node: "node1", from: "node1" } });
    one.forget();
    one.hear(suspectOf("node1", "node2"), deadOf("node1", "node2"), aliveOf("node1", 9));
    one.run(1000);
    expect(one.sent("alive")).toEqual([]);
    expect(one.actions.filter(({ type }) => type === "left")).toHaveLength(1);
  });

  test("its goodbye is over when all others are gone too", () => {
    const one = new Driven(["node2", "node3"]);
    one.do(one.machine.leave(one.now));
    one.hear(deadOf("node2", "node2"));
    expect(one.actions.some(({ type }) => type === "left")).toBe(false);
    one.hear(deadOf("node3", "node3"));
    one.run(2000);
    expect(one.actions.filter(({ type }) => type === "left")).toHaveLength(1);
    expect(one.machine.leave(one.now)).toEqual([]);
  });

  test("alone, its goodbye is over at once", () => {
    const one = new Driven([]);
    one.do(one.machine.leave(one.now));
    expect(one.actions).toEqual([{ type: "left" }]);
  });
});
