import { describe, expect, test } from "bun:test";
import { encodeCompound } from "./compound.ts";
import { encodeMessage, encodePushPull } from "./message.ts";
import type { Alive, PacketMessage, PushNodeState } from "./messages.ts";
import { type Action, lanSettings, Memberlist, type MemberlistSettings, ownVersions, Wire } from "./mod.ts";

const clear = new Wire({ isCompressing: false, verifiesIncoming: true, verifiesOutgoing: true });
const none = new Uint8Array(0);
const port = 7946;
const from = { address: "10.0.0.99", port };

const addressOf = (node: string) => `10.0.0.${node.slice(4)}`;
const aliveOf = (node: string, incarnation = 1, more: Partial<Alive> = {}): Alive => ({
  type: "alive",
  incarnation,
  node,
  addr: addressOf(node),
  port,
  meta: none,
  vsn: ownVersions,
  ...more,
});
const suspectOf = (node: string, accuser: string, incarnation = 1): PacketMessage => ({
  type: "suspect",
  incarnation,
  node,
  from: accuser,
});
const deadOf = (node: string, by: string, incarnation = 1): PacketMessage => ({
  type: "dead",
  incarnation,
  node,
  from: by,
});
const stateOf = (name: string, state: PushNodeState["state"], incarnation = 1): PushNodeState => {
  const { node, type: _, ...record } = aliveOf(name, incarnation);
  return { ...record, name: node, state };
};
/** What one suspect's respite is with so few members, by the formula. */
const shortestMs = 4000;

/** The same numbers in each run (Numerical Recipes' generator). */
function chance(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** node1, driven by hand. */
class Driven {
  readonly machine: Memberlist;
  readonly actions: Action[] = [];
  now = 1000;

  constructor(others: readonly string[], settings: Partial<MemberlistSettings> = {}) {
    this.machine = new Memberlist({
      name: "node1",
      address: addressOf("node1"),
      port,
      settings: { ...lanSettings, ...settings },
      wire: clear,
      metadata: none,
      random: chance(),
    });
    this.machine.restore(
      others.map((node) => stateOf(node, "alive")),
      0,
    );
    this.do(this.machine.start(this.now));
    this.forget();
  }

  do(actions: readonly Action[]): void {
    this.actions.push(...actions);
  }

  hear(...messages: PacketMessage[]): void {
    const bytes = encodeCompound(messages.map((message) => encodeMessage(message as Alive)));
    this.do(this.machine.packetReceived(bytes, from, this.now));
  }

  /** Deadline by deadline, as a driver that is never late. */
  run(forMs: number): void {
    const until = this.now + forMs;
    for (;;) {
      const deadline = this.machine.nextDeadline();
      if (deadline > until) break;
      this.now = Math.max(this.now, deadline);
      this.do(this.machine.expire(this.now));
    }
    this.now = until;
  }

  /** Until it probes somebody; gives the ping. */
  untilPing(): { to: string; seqNo: number; node: string } {
    for (let tries = 0; tries < 100; tries++) {
      const [ping] = this.sent("ping");
      if (ping) return { to: ping.to, seqNo: ping.message.seqNo, node: ping.message.node };
      this.run(this.machine.nextDeadline() - this.now);
    }
    throw new Error("it probes nobody");
  }

  sent<Type extends PacketMessage["type"]>(
    type: Type,
  ): { to: string; message: Extract<PacketMessage, { type: Type }> }[] {
    return this.actions.flatMap((action) => {
      if (action.type !== "datagram") return [];
      const { messages, faults } = clear.openPacket(action.bytes);
      expect(faults).toEqual([]);
      return messages
        .filter((message): message is Extract<PacketMessage, { type: Type }> => message.type === type)
        .map((message) => ({ to: action.to.address, message }));
    });
  }

  told(node: string): string[] {
    return this.actions.flatMap((action) =>
      action.type === "member" && action.member.name === node ? [action.member.state] : [],
    );
  }

  stateOf(node: string): string | undefined {
    return this.machine.members().find(({ name }) => name === node)?.state;
  }

  forget(): void {
    this.actions.length = 0;
  }
}

describe("who is asked answers", () => {
  const ping = {
    type: "ping",
    seqNo: 7,
    sourceAddr: "10.0.0.2",
    sourcePort: 7000,
    sourceNode: "node2",
  } as const;

  test("a ping by an ack to the source it names, else to where it came from; one for another name not at all", () => {
    const one = new Driven(["node2"]);
    one.hear({ ...ping, node: "node1" });
    one.hear({ ...ping, node: "", sourceAddr: "", sourcePort: 0 });
    one.hear({ ...ping, node: "node9" });
    expect(one.sent("ack").map(({ to, message }) => [to, message.seqNo])).toEqual([
      ["10.0.0.2", 7],
      ["10.0.0.99", 7],
    ]);
  });

  const indirect = {
    ...ping,
    type: "indirect-ping",
    target: "10.0.0.3",
    port,
    node: "node3",
    nack: true,
  } as const;

  test("an indirect ping by a ping of its own, whose ack goes back under the first number", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(indirect);
    const [relayed] = one.sent("ping");
    expect(relayed).toMatchObject({ to: "10.0.0.3", message: { node: "node3", sourceNode: "node1" } });
    one.hear({ type: "ack", seqNo: relayed?.message.seqNo ?? 0, payload: none });
    one.run(600);
    expect(one.sent("ack").map(({ to, message }) => [to, message.seqNo])).toEqual([["10.0.0.2", 7]]);
    expect(one.sent("nack")).toEqual([]);
  });

  test("an indirect ping without an answer by a nack after the probe timeout, where one is asked for", () => {
    const one = new Driven(["node2", "node3"]);
    one.hear(indirect, { ...indirect, seqNo: 8, nack: false });
    one.run(499);
    expect(one.sent("nack")).toEqual([]);
    one.run(1);
    expect(one.sent("nack").map(({ to, message }) => [to, message.seqNo])).toEqual([["10.0.0.2", 7]]);
  });

  test("a ping over TCP by an ack, a full state by its own as it was before", () => {
    const one = new Driven(["node2"]);
    const { answer } = one.machine.streamReceived({ ...ping, node: "node1" }, one.now);
    expect(answer && clear.streamDecoder(false).push(answer)).toMatchObject({ type: "ack", seqNo: 7 });
    expect(one.machine.streamReceived({ ...ping, node: "node9" }, one.now).answer).toBeUndefined();
    const push = {
      type: "push-pull",
      isJoin: true,
      nodes: [stateOf("node3", "alive")],
      userState: none,
    } as const;
    const exchanged = one.machine.streamReceived(push, one.now);
    const state = exchanged.answer && clear.streamDecoder(false).push(exchanged.answer);
    expect(state).toMatchObject({ type: "push-pull", isJoin: true });
    const names = state && "nodes" in state ? state.nodes.map(({ name }) => name).sort() : [];
    expect(names).toEqual(["node1", "node2"]);
    expect(one.stateOf("node3")).toBe("alive");
  });
});

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

describe("full exchanges", () => {
  const exchange = (one: Driven, nodes: PushNodeState[]) =>
    one.machine.streamReceived({ type: "push-pull", isJoin: false, nodes, userState: none }, one.now);

  test("another's dead is only suspected, so that it can deny; another's left is left; another's own record is denied", () => {
    const one = new Driven(["node2", "node3", "node4"]);
    one.do(
      exchange(one, [
        stateOf("node2", "dead"),
        stateOf("node3", "left"),
        stateOf("node4", "suspect"),
        stateOf("node1", "dead", 5),
        stateOf("node5", "dead"),
      ]).actions,
    );
    expect(["node2", "node3", "node4", "node5"].map((node) => one.stateOf(node))).toEqual([
      "suspect",
      "left",
      "suspect",
      undefined,
    ]);
    expect(one.actions.some(({ type }) => type === "refuted")).toBe(true);
  });

  test("a list with somebody who speaks another version is not taken over, and says who", () => {
    const one = new Driven(["node2"]);
    const stranger = { ...stateOf("node3", "alive"), vsn: [6, 7, 6, 0, 0, 0] };
    one.do(exchange(one, [stranger]).actions);
    expect(one.actions.filter(({ type }) => type === "incompatible")).toHaveLength(1);
    expect(one.machine.members().map(({ name }) => name)).toEqual(["node2"]);
  });

  test("join() sends the own state; the answer is taken over, a refusal told, a failure forgotten", () => {
    const one = new Driven([]);
    const stream = () => {
      const [action] = one.machine.join({ address: "10.0.0.2", port });
      if (action?.type !== "stream") throw new Error("no stream");
      return action;
    };
    const first = stream();
    expect(first).toMatchObject({ purpose: "join", timeoutMs: 10_000, to: { address: "10.0.0.2", port } });
    expect(clear.streamDecoder(true).push(first.bytes)).toMatchObject({ type: "push-pull", isJoin: true });
    const state = encodePushPull({
      type: "push-pull",
      isJoin: true,
      nodes: [stateOf("node2", "alive")],
      userState: none,
    });
    const answer = clear.streamDecoder(false).push(state);
    if (answer && "type" in answer) one.do(one.machine.streamAnswered(first.id, answer, one.now));
    expect(one.stateOf("node2")).toBe("alive");
    one.do(one.machine.streamAnswered(stream().id, { type: "error", error: "no" }, one.now));
    expect(one.actions).toContainEqual({ type: "refused", by: { address: "10.0.0.2", port }, error: "no" });
    const failed = stream();
    one.machine.streamFailed(failed.id);
    one.forget();
    one.do(one.machine.streamAnswered(failed.id, { type: "error", error: "late" }, one.now));
    expect(one.actions).toEqual([]);
  });
});

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
