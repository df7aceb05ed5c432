import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Probing } from "./mod.ts";

/** Advances to each deadline up to `untilMs` and gives what came of it, with its time. */
function walk(probing: Probing<string>, fromMs: number, untilMs: number): [number, string, string][] {
  const seen: [number, string, string][] = [];
  let now = fromMs;
  for (; probing.nextDeadline() <= untilMs; ) {
    now = Math.max(now, probing.nextDeadline());
    const { probe, passed } = probing.takeDue(now, 64);
    for (const address of probe) seen.push([now, "probe", address]);
    for (const address of passed) seen.push([now, "passed", address]);
  }
  return seen;
}

describe("Probing", () => {
  test("asks three times 100 ms apart and passes 100 ms after the last", () => {
    const probing = new Probing<string>();
    probing.start("a", 1_000);
    expect(walk(probing, 1_000, 5_000)).toEqual([
      [1_000, "probe", "a"],
      [1_100, "probe", "a"],
      [1_200, "probe", "a"],
      [1_300, "passed", "a"],
    ]);
    expect(probing.nextDeadline()).toBe(Infinity);
    expect(probing.has("a")).toBeFalse();
  });

  test("one that begins later does not wait for those before it", () => {
    const probing = new Probing<string>();
    probing.start("a", 0);
    probing.takeDue(0, 64);
    probing.start("b", 30);
    expect(probing.nextDeadline()).toBe(30);
    expect(probing.takeDue(30, 64)).toEqual({ probe: ["b"], passed: [] });
  });

  test("a conflict delays it: 0.6 seconds, doubled from the eighth on, a minute after ten, and then it passes", () => {
    const probing = new Probing<string>();
    probing.start("a", 0);
    const waits: number[] = [];
    let now = 0;
    for (let round = 0; round < 12; round++) {
      probing.takeDue(now, 64);
      probing.conflict("a", now, 0);
      waits.push(probing.nextDeadline() - now);
      now = probing.nextDeadline();
    }
    expect(waits.slice(0, 7)).toEqual([600, 600, 600, 600, 600, 600, 600]);
    expect(waits.slice(7, 10)).toEqual([1_200, 2_400, 4_800]);
    // RFC 5227 §2.1.1: after ten conflicts no more than one attempt a minute.
    expect(waits.slice(10)).toEqual([60_000, 60_000]);
    expect(walk(probing, now, now + 1_000).map(([at, what]) => [at - now, what])).toEqual([
      [0, "probe"],
      [100, "probe"],
      [200, "probe"],
      [300, "passed"],
    ]);
  });

  test("chance shortens the wait to no less than its half, so that two that meet part", () => {
    const probing = new Probing<string>();
    probing.start("a", 0);
    probing.conflict("a", 0, 0.999);
    expect(probing.nextDeadline()).toBeGreaterThan(300);
    expect(probing.nextDeadline()).toBeLessThan(301);
  });

  test("further conflicts while it waits change nothing, and neither does one of an address that is not probed", () => {
    const probing = new Probing<string>();
    probing.start("a", 0);
    probing.conflict("a", 0, 0);
    probing.conflict("a", 400, 0);
    probing.conflict("b", 400, 0);
    expect(probing.nextDeadline()).toBe(600);
    expect(probing.size).toBe(1);
    probing.stop("a");
    expect(probing.nextDeadline()).toBe(Infinity);
  });

  test("takes no more at once than it is told, and forgets none", () => {
    const probing = new Probing<number>();
    for (let address = 0; address < 150; address++) probing.start(address, 0);
    const taken = [1, 2, 3].map(() => probing.takeDue(0, 64).probe);
    expect(taken.map((each) => each.length)).toEqual([64, 64, 22]);
    expect(new Set(taken.flat()).size).toBe(150);
  });

  test("whatever happens, an address passes only after three probes in a row without a conflict", () => {
    const step = fc.record({
      what: fc.constantFrom("start", "conflict", "stop", "walk"),
      address: fc.constantFrom("a", "b"),
      passMs: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const probing = new Probing<string>();
        const clean = new Map<string, number>();
        let now = 0;
        for (const { what, address, passMs } of steps) {
          now += passMs;
          if (what === "start") probing.start(address, now);
          if (what === "stop") probing.stop(address);
          if (what === "conflict") probing.conflict(address, now, 0.5);
          if (what !== "walk") clean.set(address, 0);
          const { probe, passed } = probing.takeDue(now, 64);
          for (const each of passed) expect(clean.get(each)).toBe(3);
          for (const each of probe) clean.set(each, (clean.get(each) ?? 0) + 1);
        }
      }),
    );
  });
});
