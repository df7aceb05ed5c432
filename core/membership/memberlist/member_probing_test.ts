import { describe, expect, test } from "bun:test";
import { addressOf, aliveOf, Driven, none, shortestMs, suspectOf } from "./testing.ts";

describe("probing", () => {
  const fellows = ["node2", "node3", "node4", "node5", "node6"];

  test("each fellow is probed once in a round", () => {
    const one = new Driven(fellows);
    const probed: string[] = [];
    for (let round = 0; round < 10; round++) {
      const { node, seqNo } = one.untilPing();
      one.hear({ type: "ack", seqNo, payload: none });
      one.forget();
      probed.push(node);
    }
    expect(probed.slice(0, 5).sort()).toEqual(fellows);
    expect(probed.slice(5).sort()).toEqual(fellows);
  });

  test("no ack within the timeout: three others are asked and TCP is tried; an ack by any way settles it", () => {
    for (const way of ["indirect", "tcp"]) {
      const one = new Driven(fellows);
      const { node, seqNo } = one.untilPing();
      one.run(499);
      expect(one.sent("indirect-ping")).toEqual([]);
      one.run(2);
      const asked = one.sent("indirect-ping");
      expect(asked).toHaveLength(3);
      for (const { to, message } of asked) {
        expect(to).not.toBe(addressOf(node));
        expect(message).toMatchObject({ seqNo, node, target: addressOf(node), nack: true });
      }
      const tcp = one.actions.find((action) => action.type === "stream");
      expect(tcp).toMatchObject({ purpose: "ping", to: { address: addressOf(node) } });
      const ack = { type: "ack", seqNo, payload: none } as const;
      if (way === "indirect") one.hear(ack);
      else if (tcp) one.do(one.machine.streamAnswered(tcp.id, ack, one.now));
      one.run(600);
      expect(one.stateOf(node)).toBe("alive");
      expect(one.actions.some(({ type }) => type === "tcp-only")).toBe(way === "tcp");
      expect(one.machine.health).toBe(0);
    }
  });

  test("no answer by any way: suspected at the end of the interval, gossiped under the own name", () => {
    const one = new Driven(fellows);
    const { node } = one.untilPing();
    one.run(1200);
    expect(one.told(node)).toEqual(["suspect"]);
    expect(one.sent("suspect")[0]?.message).toEqual({ type: "suspect", incarnation: 1, node, from: "node1" });
  });

  test("Lifeguard: who gets no nacks either blames himself, and takes more time for the next probe", () => {
    const silent = new Driven(fellows);
    const { seqNo } = silent.untilPing();
    silent.run(1000);
    expect(silent.machine.health).toBe(3);
    const helped = new Driven(fellows);
    const probe = helped.untilPing();
    helped.run(600);
    expect(probe.seqNo).toBe(seqNo);
    for (const _ of [1, 2, 3]) helped.hear({ type: "nack", seqNo });
    helped.run(400);
    expect(helped.machine.health).toBe(0);
  });

  test("an answer that came late within a longer probe is no sign that this node slept", () => {
    const one = new Driven(fellows);
    one.untilPing();
    one.run(1000);
    expect(one.machine.health).toBe(3);
    const [, second] = one.sent("ping");
    one.run(2500);
    one.hear({ type: "ack", seqNo: second?.message.seqNo ?? 0, payload: none });
    expect(one.machine.health).toBe(2);
    one.forget();
    // The next probe starts at once, for its tick came meanwhile.
    one.run(0);
    expect(one.sent("ping")).toHaveLength(1);
    expect(one.machine.health).toBe(2);
  });

  test("a suspect is told with the ping, so that it can deny", () => {
    const one = new Driven(["node2"]);
    one.hear(suspectOf("node2", "node9"));
    one.forget();
    one.untilPing();
    const told = one
      .sent("suspect")
      .filter(({ to, message }) => to === "10.0.0.2" && message.from === "node1");
    expect(told.length).toBeGreaterThan(0);
  });

  test("who slept itself suspects nobody for not having answered meanwhile", () => {
    const one = new Driven(fellows);
    const { node, seqNo } = one.untilPing();
    one.hear(suspectOf("node6", "node3"));
    one.now += 60_000;
    one.do(one.machine.expire(one.now));
    expect([one.stateOf(node), one.stateOf("node6")]).not.toContain("dead");
    expect(one.told(node)).not.toContain("suspect");
    expect(one.machine.health).toBeGreaterThan(0);
    one.hear({ type: "ack", seqNo, payload: none });
    one.hear(aliveOf("node6", 2));
    one.run(300);
    expect([one.stateOf(node), one.stateOf("node6")]).toEqual(["alive", "alive"]);
  });
});

describe("suspicion", () => {
  test("in a ring of less than four nobody can confirm: the shortest time holds", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(suspectOf("node3", "node2"));
    one.run(shortestMs - 1);
    expect(one.stateOf("node3")).toBe("suspect");
    one.run(1);
    expect(one.stateOf("node3")).toBe("dead");
  });

  test("an old incarnation accuses nobody, a newer alive ends it, an equal one does not", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(aliveOf("node2", 5));
    one.hear(suspectOf("node2", "node3", 4));
    expect(one.stateOf("node2")).toBe("alive");
    one.hear(suspectOf("node2", "node3", 5));
    one.hear(aliveOf("node2", 5));
    expect(one.stateOf("node2")).toBe("suspect");
    one.hear(aliveOf("node2", 6));
    expect(one.stateOf("node2")).toBe("alive");
    expect(one.told("node2")).toEqual(["suspect", "alive"]);
  });
});
