import { describe, expect, test } from "bun:test";
import { Suspicion } from "./suspicion.ts";

const limits = { wanted: 2, minMs: 4000, maxMs: 24_000 };

describe("Suspicion", () => {
  test("lasts longest while only its first accuser speaks, however often", () => {
    const suspicion = new Suspicion("node2", limits, 1000);
    expect(suspicion.confirm("node2")).toBe(false);
    expect(suspicion.deadline).toBe(25_000);
  });

  test("is shorter with each independent accuser, shortest with as many as are wanted; more are no news", () => {
    const suspicion = new Suspicion("node2", limits, 1000);
    expect(suspicion.confirm("node3")).toBe(true);
    // 24 s - ln 2 / ln 3 of the 20 s between.
    expect(suspicion.deadline).toBe(1000 + 11_381);
    expect(suspicion.confirm("node3")).toBe(false);
    expect(suspicion.confirm("node4")).toBe(true);
    expect(suspicion.deadline).toBe(5000);
    expect(suspicion.confirm("node5")).toBe(false);
    expect(suspicion.accusers).toEqual(["node2", "node3", "node4"]);
  });

  test("is put off as far as somebody asks, and never brought forward", () => {
    const suspicion = new Suspicion("node2", { ...limits, wanted: 0 }, 1000);
    expect(suspicion.deadline).toBe(5000);
    suspicion.putOff(4000);
    expect(suspicion.deadline).toBe(5000);
    suspicion.putOffFrom(3000);
    expect(suspicion.deadline).toBe(7000);
  });
});
