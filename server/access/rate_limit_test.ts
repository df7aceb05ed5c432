import { describe, expect, test } from "bun:test";
import { RateLimit } from "./rate_limit.ts";

describe("RateLimit", () => {
  test("allows a burst, then one attempt per refill, and says how long to wait", () => {
    const limit = new RateLimit({ capacity: 2, refillMs: 1_000, keysMax: 10 });
    expect(limit.take("a", 0)).toBe(0);
    expect(limit.take("a", 0)).toBe(0);
    expect(limit.take("a", 0)).toBe(1_000);
    expect(limit.take("a", 400)).toBe(600);
    expect(limit.take("a", 1_000)).toBe(0);
    expect(limit.take("a", 1_000)).toBe(1_000);
  });

  test("keeps keys apart, and a refund gives the attempt back", () => {
    const limit = new RateLimit({ capacity: 1, refillMs: 1_000, keysMax: 10 });
    expect(limit.take("a", 0)).toBe(0);
    expect(limit.take("b", 0)).toBe(0);
    limit.refund("a");
    expect(limit.take("a", 0)).toBe(0);
    expect(limit.take("b", 0)).toBe(1_000);
  });

  test("a clock that steps back gives nothing away", () => {
    const limit = new RateLimit({ capacity: 1, refillMs: 1_000, keysMax: 10 });
    limit.take("a", 10_000);
    expect(limit.take("a", 0)).toBe(1_000);
  });

  test("forgets the key unused for longest beyond its bound", () => {
    const limit = new RateLimit({ capacity: 1, refillMs: 1_000, keysMax: 2 });
    for (const key of ["a", "b", "c"]) limit.take(key, 0);
    expect(limit.take("c", 0)).toBe(1_000);
    expect(limit.take("a", 0)).toBe(0);
  });
});
