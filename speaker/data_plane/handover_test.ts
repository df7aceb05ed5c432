import { describe, expect, test } from "bun:test";
import { type Owned, OwnedTable } from "#core/l2/mod.ts";
import { Handover } from "./handover.ts";
import { yieldLimitMs } from "./protocol.ts";

const address = "192.168.1.240";
type Said = (now: number) => void;

/** Two nodes that both answer for the address, and whose messages arrive in the next turn. */
function pair() {
  const mail: Said[] = [];
  const released: string[] = [];
  const make = (node: string, other: () => Handover) => {
    const owned = new OwnedTable();
    const entry = owned.set(address, [])?.entry as Owned;
    const teller = {
      tell: (_: string, kind: number, payload: Uint8Array) =>
        mail.push((now) => other().told(node, kind, payload, now)),
    };
    const handover: Handover = new Handover(teller, owned, {
      isHeld: (each) => each.isAnswered,
      offered: () => {},
      release: (each, to, why) => {
        each.isAnswered = false;
        released.push(`${node} to ${to}: ${why}`);
      },
    });
    return { entry, handover };
  };
  const one: { entry: Owned; handover: Handover } = make("node1", () => two.handover);
  const two: { entry: Owned; handover: Handover } = make("node2", () => one.handover);
  const turn = (now: number) => {
    for (const { handover } of [one, two]) handover.expire(now);
    for (const deliver of mail.splice(0)) deliver(now);
  };
  const answering = () => [one, two].map(({ entry }) => entry.isAnswered);
  return { one, two, turn, answering, released };
}

describe("Handover", () => {
  test("who gives an address away is silent when the other has claimed it", () => {
    const { one, turn, answering, released } = pair();
    one.handover.yieldTo(one.entry, "node2", 0);
    for (let now = 0; now < 300; now += 10) turn(now);
    expect(answering()).toEqual([false, true]);
    expect(released).toEqual(["node1 to node2: claimed"]);
  });

  test("two that give an address to each other both go on answering, and so one stays when it is told to keep it", () => {
    const { one, two, turn, answering, released } = pair();
    one.handover.yieldTo(one.entry, "node2", 0);
    two.handover.yieldTo(two.entry, "node1", 5);
    for (let now = 10; now < yieldLimitMs - 100; now += 10) turn(now);
    expect([answering(), released]).toEqual([[true, true], []]);
    expect(two.handover.keep(two.entry)).toBeTrue();
    for (let now = yieldLimitMs - 100; now < yieldLimitMs + 100; now += 10) turn(now);
    expect(answering()).toEqual([false, true]);
    expect(released).toEqual(["node1 to node2: claimed"]);
  });
});
