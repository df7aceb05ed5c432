import { describe, expect, test } from "bun:test";
import { type Heartbeat, type Member, newMember, transition } from "./mod.ts";

const ownBoot = 99;
const oldBoot = 1;
const newBoot = 2;

function beat(boot: number, sequence: number, changes: Partial<Heartbeat> = {}): Heartbeat {
  return { kind: "beat", node: "node2", boot, receiverBoot: ownBoot, sequence, sentAt: 0, ...changes };
}

/** Feeds heartbeats, each at a time equal to its place in the list. */
function hear(member: Member, ...beats: Heartbeat[]): Member {
  return beats.reduce(
    (state, each, now) => transition(state, { type: "beat", beat: each }, { now, ownBoot }),
    member,
  );
}
const row = (boot: number, first: number, count: number, changes: Partial<Heartbeat> = {}) =>
  Array.from({ length: count }, (_, index) => beat(boot, first + index, changes));
const silence = (member: Member) => transition(member, { type: "silence" }, { now: 0, ownBoot });

const alive = hear(newMember("node2"), ...row(oldBoot, 1, 5));
const dead = silence(alive);
const left = hear(alive, beat(oldBoot, 6, { kind: "leave" }));

describe("transition()", () => {
  test("believes a boot after five beats in a row, not four", () => {
    expect(hear(newMember("node2"), ...row(oldBoot, 1, 4)).state).toBe("unknown");
    expect(alive).toMatchObject({ state: "alive", boot: oldBoot, sequence: 5, lastHeardAt: 4 });
  });

  test("begins to count anew after a gap", () => {
    const gap = hear(newMember("node2"), ...row(oldBoot, 1, 4), ...row(oldBoot, 6, 4));
    expect(gap.state).toBe("unknown");
    expect(hear(gap, beat(oldBoot, 10)).state).toBe("alive");
  });

  test("does not believe beats that name another run of the receiver", () => {
    expect(hear(newMember("node2"), ...row(oldBoot, 1, 50, { receiverBoot: 98 })).state).toBe("unknown");
  });

  test("the silence of one that never worked is no death", () => {
    expect(silence(newMember("node2")).state).toBe("unknown");
    expect(dead.state).toBe("dead");
  });

  test("a believed boot returns from death with a single beat, another one has to prove itself", () => {
    expect(hear(dead, beat(oldBoot, 6)).state).toBe("alive");
    expect(hear(dead, ...row(newBoot, 1, 4)).state).toBe("dead");
    expect(hear(dead, ...row(newBoot, 1, 5))).toMatchObject({ state: "alive", boot: newBoot });
  });

  test("a goodbye is final for its boot and not for the next", () => {
    expect(left.state).toBe("left");
    expect(hear(left, ...row(oldBoot, 7, 20)).state).toBe("left");
    expect(hear(left, ...row(newBoot, 1, 5)).state).toBe("alive");
    expect(hear(dead, beat(oldBoot, 6, { kind: "leave" })).state).toBe("left");
  });

  test.each<[string, Member, Heartbeat[]]>([
    ["a beat that was heard", alive, [beat(oldBoot, 5)]],
    ["a recorded beat of a dead boot", dead, row(oldBoot, 1, 5)],
    ["a recorded goodbye", hear(alive, beat(oldBoot, 9)), [beat(oldBoot, 6, { kind: "leave" })]],
    ["a goodbye of a boot that was never believed", alive, [beat(newBoot, 3, { kind: "leave" })]],
  ])("takes no notice of %s", (_, member, beats) => expect(hear(member, ...beats)).toBe(member));

  test("takes no notice of an earlier boot, however many of its beats are replayed", () => {
    const restarted = hear(dead, ...row(newBoot, 1, 5));
    const gone = silence(restarted);
    expect(hear(gone, ...row(oldBoot, 1, 5), ...row(oldBoot, 1_000, 5))).toBe(gone);
  });

  test("no other boot is believed while the believed one speaks", () => {
    const interleaved = Array.from({ length: 20 }, (_, index) => [
      beat(newBoot, index),
      beat(oldBoot, 10 + index),
    ]).flat();
    expect(hear(alive, ...interleaved)).toMatchObject({ state: "alive", boot: oldBoot });
  });
});
