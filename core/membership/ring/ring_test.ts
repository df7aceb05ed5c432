import { describe, expect, test } from "bun:test";
import { type Datagram, nodeId as idOf, type Message, Ring, type RingAction } from "./mod.ts";

const intervalMs = 150;
const ring = (node: string, boot = 1) =>
  new Ring({ node, boot, intervalMs, startedAt: 1_000 * boot, random: () => 0.5 });
const peers = (...names: string[]) => names.map((node) => ({ node }));

/** What a fellow says, numbered. */
class Fellow {
  #sequence = 0;
  #number = 0;

  constructor(
    readonly node: string,
    readonly boot: number,
    readonly receiverBoot = 1,
  ) {}

  says(message: Message): Datagram {
    const { node, boot, receiverBoot } = this;
    return { node, boot, receiverBoot, sequence: ++this.#sequence, message };
  }

  beat(): Datagram {
    const number = ++this.#number;
    const incarnation = this.boot;
    return this.says({ kind: "beat", number, incarnation, lateMs: 0, awareness: 0, digest: 0 });
  }
}

const sent = (actions: readonly RingAction[]) =>
  actions.flatMap((action) =>
    action.type === "send" ? [`${action.datagram.message.kind} to ${action.to}`] : [],
  );
const states = (actions: readonly RingAction[]) =>
  actions.flatMap((action) => (action.type === "member" ? [`${action.node} ${action.state}`] : []));

/** One that believes a fellow after five beats. */
function believing(fellow: Fellow): Ring {
  const own = ring("node1");
  own.setPeers(peers(fellow.node), 0);
  const said = Array.from({ length: 5 }, (_, index) => own.receive(fellow.beat(), index * intervalMs)).flat();
  expect(states(said)).toEqual([`${fellow.node} alive`]);
  return own;
}

describe("Ring", () => {
  test("a node without peers settles at once and stays quiet", () => {
    const own = ring("node1");
    expect(own.nextDeadline()).toBe(Infinity);
    expect(own.setPeers(peers("node1"), 0)).toEqual([{ type: "settled" }]);
    expect(own.nextDeadline()).toBe(Infinity);
  });

  test("does not wait for the dead longer than ten intervals, and says once that it settled", () => {
    const own = ring("node1");
    const settled: number[] = [];
    own.setPeers(peers("node2"), 0);
    for (let now = 0; now < 5_000; now = Math.max(now + 0.01, own.nextDeadline()))
      if (own.expire(now).some((action) => action.type === "settled")) settled.push(now);
    expect(settled).toEqual([10 * intervalMs]);
  });

  test("beats with each interval, and makes up for no interval that it missed", () => {
    const own = ring("node1");
    own.setPeers(peers("node2"), 0);
    const beats = (now: number) => sent(own.expire(now)).filter((each) => each.startsWith("beat")).length;
    expect([0, 149, 150, 160, 300, 1_000, 1_100, 1_150].map(beats)).toEqual([1, 0, 1, 0, 1, 1, 0, 1]);
  });

  test("takes nothing from a node that is not listed", () => {
    const own = ring("node1");
    own.setPeers(peers("node2"), 0);
    const stranger = new Fellow("node9", 5);
    for (let now = 0; now < 20; now++) expect(own.receive(stranger.beat(), now)).toEqual([]);
  });

  test("the goodbye of a believed run is one, that of another run is not", () => {
    const fellow = new Fellow("node2", 7);
    const own = believing(fellow);
    const leave = { kind: "leave", incarnation: 7, arc: undefined } as const;
    expect(states(own.receive(new Fellow("node2", 8).says(leave), 700))).toEqual([]);
    expect(states(own.receive(fellow.says(leave), 701))).toEqual(["node2 left"]);
  });

  test("what is told is handed on from a believed run, and not from another", () => {
    const fellow = new Fellow("node2", 7);
    const own = believing(fellow);
    const tell = { kind: "tell", topic: 3, payload: Uint8Array.of(4) } as const;
    const told = (datagram: Datagram) => own.receive(datagram, 700).filter(({ type }) => type === "told");
    expect(told(new Fellow("node2", 8).says(tell))).toEqual([]);
    expect(told(fellow.says(tell))).toEqual([
      { type: "told", node: "node2", topic: 3, payload: Uint8Array.of(4) },
    ]);
  });

  test("to leave is to tell the heirs first, then everybody, three times, and to beat no more", () => {
    const own = ring("node1");
    own.setPeers(peers("node2", "node3"), 0);
    for (const fellow of [new Fellow("node2", 7), new Fellow("node3", 8)])
      for (let count = 0; count < 5; count++) own.receive(fellow.beat(), 0);
    own.setHeirs(["node3"], 0);
    own.expire(500);
    const words = sent(own.leave(1_000));
    expect(words[0]).toBe("leave to node3");
    expect(words.slice(1).toSorted()).toEqual(["leave to node2", "leave to node3"]);
    const repeated = [1_030, 1_090, 1_200, 5_000].map((now) => sent(own.expire(now)).length);
    expect(repeated).toEqual([2, 2, 0, 0]);
    expect(own.nextDeadline()).toBe(Infinity);
  });

  test("a process that ends at once says the rest of its goodbyes before", () => {
    const own = believing(new Fellow("node2", 7));
    own.leave(1_000);
    expect(sent(own.lastWords())).toEqual(["leave to node2", "leave to node2"]);
    expect(own.lastWords()).toEqual([]);
  });

  test("a false death of this node is contradicted at once, with a higher incarnation", () => {
    const fellow = new Fellow("node2", 7);
    const own = believing(fellow);
    const [dead] = own.receive(
      fellow.says({
        kind: "verdict",
        arc: undefined,
        standings: [
          { id: idOf("node1"), boot: 1, incarnation: 1_000, state: "dead", factsVersion: 0, silentMs: 600 },
        ],
      }),
      700,
    );
    expect(dead).toMatchObject({
      type: "send",
      to: "node2",
      datagram: {
        message: { kind: "verdict", standings: [{ boot: 1, incarnation: 1_001, state: "alive" }] },
      },
    });
  });

  test("a death at second hand is believed when the dead does not object, unless the list lost it meanwhile", () => {
    for (const isListed of [true, false]) {
      const fellow = new Fellow("node2", 7);
      const own = believing(fellow);
      own.setPeers(peers("node2", "node3"), 600);
      const standing = { id: idOf("node3"), boot: 9, incarnation: 9, factsVersion: 0, silentMs: 0 };
      const tell = (state: "alive" | "dead", now: number) =>
        own.receive(
          fellow.says({
            kind: "standings",
            arc: { from: 0, to: 2 ** 48 - 1 },
            isReply: true,
            standings: [{ ...standing, state }],
          }),
          now,
        );
      expect(states(tell("alive", 700))).toEqual(["node3 alive"]);
      const asked = tell("dead", 710);
      expect(states(asked)).toEqual([]);
      expect(sent(asked)).toEqual(["verdict to node3"]);
      if (!isListed) own.setPeers(peers("node2"), 720);
      expect(states(own.expire(809))).toEqual([]);
      expect(states(own.expire(811))).toEqual(isListed ? ["node3 dead"] : []);
    }
  });

  test("refuses facts and payloads that do not fit into a datagram", () => {
    const own = ring("node1");
    expect(() => own.setFacts(new Uint8Array(1_001), 0)).toThrow("Cannot say 1001 bytes of facts: 1000 fit");
    expect(() => own.tell("node2", 1, new Uint8Array(1_001), 0)).toThrow("Cannot tell 1001 bytes: 1000 fit");
  });
});
