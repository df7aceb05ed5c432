import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { nodeId } from "./identity.ts";
import { Roster } from "./roster.ts";
import { targetsOf, watchersOf } from "./watchers.ts";

const nodes = (count: number) => Array.from({ length: count }, (_, index) => `node${index + 1}`);
const anyRing = fc.record({
  count: fc.integer({ min: 1, max: 40 }),
  zones: fc.integer({ min: 0, max: 4 }),
  dead: fc.func(fc.boolean()),
});

/** The ring as one node sees it, with some of its members dead. */
function rosterOf(
  own: string,
  names: readonly string[],
  zoneOf: (name: string) => string | undefined,
  dead: readonly string[],
) {
  const roster = new Roster(own);
  roster.setPeers(names.map((node) => ({ node, zone: zoneOf(node) })));
  roster.areUnknownPresumed = false;
  for (const member of roster.members())
    roster.setStanding(member, {
      boot: 1,
      incarnation: 1,
      state: dead.includes(member.node) ? "dead" : "alive",
    });
  return roster;
}

const watcherNames = (roster: Roster, own: string, of: string, zone: string | undefined) =>
  watchersOf(roster, roster.get(of), zone).map((each) => each?.node ?? own);

describe("watchersOf()", () => {
  test("all nodes agree on everybody's watchers, and targetsOf() is the reverse", () => {
    fc.assert(
      fc.property(anyRing, ({ count, zones, dead: isDead }) => {
        const names = nodes(count);
        const dead = names.filter((name, index) => index > 0 && isDead(name));
        const living = names.filter((name) => !dead.includes(name));
        const zoneOf = (name: string) => (zones === 0 ? undefined : `zone${nodeId(name) % zones}`);
        const views = new Map(living.map((own) => [own, rosterOf(own, names, zoneOf, dead)]));
        for (const [own, roster] of views) {
          const targets = targetsOf(roster, zoneOf(own)).map(({ node }) => node);
          const expected = living.filter(
            (other) =>
              other !== own &&
              watcherNames(views.get(other) as Roster, other, other, zoneOf(other)).includes(own),
          );
          expect(targets.toSorted()).toEqual(expected.toSorted());
          for (const target of targets)
            expect(watcherNames(roster, own, target, zoneOf(own)).toSorted()).toEqual(
              watcherNames(views.get(target) as Roster, target, target, zoneOf(target)).toSorted(),
            );
        }
      }),
      { numRuns: 30 },
    );
  });

  test("everybody watches everybody up to six, and five watch each beyond", () => {
    for (const count of [1, 2, 6, 7, 30]) {
      const roster = rosterOf("node1", nodes(count), () => undefined, []);
      expect(watchersOf(roster, undefined, undefined)).toHaveLength(Math.min(count - 1, 5));
    }
  });

  test("they are the next living ones in the order of the ids, around its end", () => {
    const names = nodes(20);
    const order = names.toSorted((a, b) => nodeId(a) - nodeId(b));
    const dead = [order[1] ?? ""];
    for (const [place, own] of order.entries()) {
      if (dead.includes(own)) continue;
      const roster = rosterOf(own, names, () => undefined, dead);
      const next = Array.from({ length: 19 }, (_, index) => order[(place + 1 + index) % 20] ?? "");
      expect(watcherNames(roster, own, own, undefined)).toEqual(
        next.filter((name) => !dead.includes(name)).slice(0, 5),
      );
    }
  });

  test("they stand in as many zones as there are, and nobody watches more than fifteen", () => {
    const names = nodes(300);
    const zoneOf = (name: string) => (name === "node7" ? "lonely" : `zone${nodeId(name) % 3}`);
    for (const own of names.slice(0, 40)) {
      const roster = rosterOf(own, names, zoneOf, []);
      const zones = watchersOf(roster, undefined, zoneOf(own)).map((each) => each?.zone);
      expect(new Set(zones.filter((zone) => zone !== "lonely")).size).toBe(3);
      expect(targetsOf(roster, zoneOf(own)).length).toBeLessThanOrEqual(15);
    }
  });
});
