import { describe, expect, test } from "bun:test";
import { Seeds } from "./seeds.ts";

const nobody = () => false;

describe("Seeds", () => {
  test("a new address is tried at once, and only once at a time", () => {
    const seeds = new Seeds(() => 0);
    seeds.set(["a"], 100);
    expect(seeds.nextDeadline(nobody)).toBe(100);
    expect(seeds.due(100, nobody)).toEqual(["a"]);
    expect(seeds.due(200, nobody)).toEqual([]);
    expect(seeds.nextDeadline(nobody)).toBe(Infinity);
  });

  test("who is a member already is not tried, and is again when it is one no longer", () => {
    const seeds = new Seeds(() => 0);
    seeds.set(["a", "b"], 0);
    expect(seeds.due(0, (address) => address === "a")).toEqual(["b"]);
    expect(seeds.due(0, nobody)).toEqual(["a"]);
  });

  test("at most three are tried at the same time: whoever joins one learns of all", () => {
    const seeds = new Seeds(() => 0);
    seeds.set(["a", "b", "c", "d"], 0);
    expect(seeds.due(0, nobody)).toHaveLength(3);
    expect(seeds.nextDeadline(nobody)).toBe(Infinity);
    seeds.tried("a", true, 10);
    expect(seeds.due(10, nobody)).toEqual(["d"]);
  });

  test.each([
    [0, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]],
    [0.999, [9995, 19_990, 39_980, 79_960, 119_940, 119_940]],
  ])(
    "waits from 5 to 10 s after a failure, twice as long after the next, up to a minute or two: chance %p",
    (chance, waits) => {
      const seeds = new Seeds(() => chance);
      seeds.set(["a"], 0);
      let now = 0;
      for (const wait of waits) {
        expect(seeds.due(now, nobody)).toEqual(["a"]);
        seeds.tried("a", false, now);
        expect(seeds.nextDeadline(nobody) - now).toBeCloseTo(wait, 3);
        now = seeds.nextDeadline(nobody);
      }
    },
  );

  test("an address that is gone from the list is forgotten, one that stays keeps its wait", () => {
    const seeds = new Seeds(() => 0);
    seeds.set(["a", "b"], 0);
    seeds.due(0, nobody);
    seeds.tried("a", false, 0);
    seeds.tried("b", false, 0);
    seeds.set(["a"], 100);
    expect(seeds.nextDeadline(nobody)).toBe(5000);
    seeds.set([], 100);
    expect(seeds.nextDeadline(nobody)).toBe(Infinity);
  });
});
