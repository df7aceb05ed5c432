import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Standing, standingHash, stateOrder, supersedes } from "./standing.ts";

const anyStanding: fc.Arbitrary<Standing> = fc.record({
  boot: fc.integer({ min: 1, max: 3 }),
  incarnation: fc.integer({ min: 0, max: 3 }),
  state: fc.constantFrom(...stateOrder),
});
const of = (incarnation: number, state: Standing["state"]) => ({ boot: 1, incarnation, state });

test.each<[Standing, Standing]>([
  [of(2, "alive"), of(1, "left")],
  [of(1, "dead"), of(1, "alive")],
  [of(1, "left"), of(1, "dead")],
])("supersedes(): %j comes after %j", (later, earlier) => {
  expect(supersedes(later, earlier)).toBe(true);
  expect(supersedes(earlier, later)).toBe(false);
});

test("supersedes() orders any two standings that differ, so that everybody ends with the same one", () => {
  fc.assert(
    fc.property(anyStanding, anyStanding, anyStanding, (a, b, c) => {
      const isSame = a.boot === b.boot && a.incarnation === b.incarnation && a.state === b.state;
      expect(Number(supersedes(a, b)) + Number(supersedes(b, a))).toBe(isSame ? 0 : 1);
      if (supersedes(a, b) && supersedes(b, c)) expect(supersedes(a, c)).toBe(true);
    }),
  );
});

test("standingHash() changes with each part", () => {
  const base = standingHash(2 ** 40 + 1, of(2 ** 40, "alive"), 5);
  const others = [
    standingHash(2 ** 40 + 2, of(2 ** 40, "alive"), 5),
    standingHash(2 ** 41 + 1, of(2 ** 40, "alive"), 5),
    standingHash(2 ** 40 + 1, of(2 ** 41, "alive"), 5),
    standingHash(2 ** 40 + 1, of(2 ** 40, "dead"), 5),
    standingHash(2 ** 40 + 1, { ...of(2 ** 40, "alive"), boot: 2 }, 5),
    standingHash(2 ** 40 + 1, of(2 ** 40, "alive"), 6),
  ];
  expect(new Set([base, ...others]).size).toBe(7);
  for (const hash of others) expect(hash >= 0 && hash < 2 ** 32).toBe(true);
});
