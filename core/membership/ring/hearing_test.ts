import { describe, expect, test } from "bun:test";
import type { Datagram } from "./datagram.ts";
import { hear } from "./hearing.ts";
import { Member, setStanding } from "./member.ts";

const ownBoot = 99;
const oldBoot = 1;
const newBoot = 2;

function beat(boot: number, sequence: number, changes: Partial<Datagram> = {}): Datagram {
  const message = {
    kind: "beat",
    number: sequence,
    incarnation: boot,
    lateMs: 0,
    awareness: 0,
    digest: 0,
  } as const;
  return { node: "node2", boot, receiverBoot: ownBoot, sequence, message, ...changes };
}
const row = (boot: number, first: number, count: number, changes: Partial<Datagram> = {}) =>
  Array.from({ length: count }, (_, index) => beat(boot, first + index, changes));

/** Feeds datagrams, and takes the standing that a proof gives, as the ring does. */
function worths(member: Member, datagrams: readonly Datagram[]): string[] {
  return datagrams.map((datagram, now) => {
    const worth = hear(member, datagram, ownBoot, now);
    if (worth === "proven")
      setStanding(member, { boot: datagram.boot, incarnation: datagram.boot, state: "alive" });
    return worth;
  });
}

function believed(): Member {
  const member = new Member("node2");
  worths(member, row(oldBoot, 1, 5));
  return member;
}

describe("hear()", () => {
  test("believes a run after five beats in a row, not four", () => {
    expect(worths(new Member("node2"), row(oldBoot, 1, 6))).toEqual([
      "candidate",
      "candidate",
      "candidate",
      "candidate",
      "proven",
      "known",
    ]);
  });

  test("begins to count anew after a beat that is missing", () => {
    const heard = worths(new Member("node2"), [...row(oldBoot, 1, 4), ...row(oldBoot, 6, 5)]);
    expect(heard.indexOf("proven")).toBe(8);
  });

  test("other datagrams between the beats neither help nor hurt", () => {
    const probe = (sequence: number) =>
      beat(oldBoot, sequence, { message: { kind: "probe", token: 1, digest: 0 } });
    const mixed = row(oldBoot, 1, 5).flatMap((each, index) => [
      { ...each, sequence: 2 * index + 1 },
      probe(2 * index + 2),
    ]);
    expect(worths(new Member("node2"), mixed).indexOf("proven")).toBe(8);
  });

  test("counts nothing that names another run of the receiver, or none", () => {
    for (const receiverBoot of [98, 0])
      expect(new Set(worths(new Member("node2"), row(oldBoot, 1, 20, { receiverBoot })))).toEqual(
        new Set(["misdirected"]),
      );
  });

  test("a believed run is heard with each datagram, also after its death", () => {
    const member = believed();
    setStanding(member, { boot: oldBoot, incarnation: oldBoot, state: "dead" });
    expect(worths(member, [beat(oldBoot, 6)])).toEqual(["known"]);
  });

  test("nothing counts that was taken before", () => {
    const member = believed();
    expect(worths(member, row(oldBoot, 1, 5))).toEqual(Array(5).fill("nothing"));
  });

  test("after its goodbye a run is heard no more, but for what it hands over", () => {
    const member = believed();
    setStanding(member, { boot: oldBoot, incarnation: oldBoot, state: "left" });
    const tell = beat(oldBoot, 7, { message: { kind: "tell", topic: 1, payload: new Uint8Array(1) } });
    expect(worths(member, [beat(oldBoot, 6), tell, tell])).toEqual(["nothing", "known", "nothing"]);
  });

  test("another run has to prove itself, and what was recorded of the former is never taken again", () => {
    const member = believed();
    expect(worths(member, row(newBoot, 1, 5)).at(-1)).toBe("proven");
    expect(new Set(worths(member, [...row(oldBoot, 6, 20), ...row(oldBoot, 1_000, 5)]))).toEqual(
      new Set(["nothing"]),
    );
  });

  test("no other run is on its way while the believed one speaks", () => {
    const mixed = row(newBoot, 1, 20).flatMap((each, index) => [each, beat(oldBoot, 10 + index)]);
    expect(worths(believed(), mixed)).not.toContain("proven");
  });

  test("what is sent names the run that was heard last", () => {
    const member = believed();
    expect(member.receiverBoot).toBe(oldBoot);
    worths(member, [beat(newBoot, 1)]);
    expect(member.receiverBoot).toBe(newBoot);
  });
});
