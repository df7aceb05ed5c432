import { describe, expect, test } from "bun:test";
import type { PathVerdict } from "../ports/access.ts";
import { PathGuard } from "./path_guard.ts";

function start() {
  const asked: string[] = [];
  const answers = new Map<string, PathVerdict>([["good", { code: "allowed" }]]);
  let isAway = false;
  const guard = new PathGuard({
    async judge(token, path) {
      asked.push(`${token} ${path}`);
      if (isAway) throw new Error("ECONNREFUSED");
      return answers.get(token) ?? { code: "unauthenticated" };
    },
  });
  const check = (token: string, now = 0, from = "192.0.2.1") => guard.check(token, "/metrics", from, now);
  return { guard, asked, answers, check, away: (yes: boolean) => (isAway = yes) };
}

describe("PathGuard", () => {
  test("asks once a minute for a token that may, so that a revoked one opens nothing for longer", async () => {
    const { check, asked, answers } = start();
    expect(await check("good", 0)).toEqual({ code: "allowed" });
    answers.delete("good");
    expect(await check("good", 59_999)).toEqual({ code: "allowed" });
    expect(asked).toEqual(["good /metrics"]);
    expect(await check("good", 60_000)).toEqual({ code: "unauthenticated" });
  });

  test("asks every 10 s for one that may not, so that a new right soon holds", async () => {
    const { check, asked, answers } = start();
    answers.set("ann", { code: "forbidden", username: "ann" });
    expect(await check("ann", 0)).toEqual({ code: "forbidden", username: "ann" });
    answers.set("ann", { code: "allowed" });
    expect(await check("ann", 9_999)).toEqual({ code: "forbidden", username: "ann" });
    expect(await check("ann", 10_000)).toEqual({ code: "allowed" });
    expect(asked).toHaveLength(2);
  });

  test("what holds for one path does not hold for another", async () => {
    const { guard, asked, check } = start();
    await check("good");
    await guard.check("good", "/debug", "192.0.2.1", 0);
    expect(asked).toEqual(["good /metrics", "good /debug"]);
  });

  test("requests that come together ask once", async () => {
    const { check, asked } = start();
    for (const verdict of await Promise.all([check("good"), check("good"), check("good")])) {
      expect(verdict).toEqual({ code: "allowed" });
    }
    expect(asked).toHaveLength(1);
  });

  test("an API that is away is no answer that is kept, and is not asked without end", async () => {
    const { check, away, asked } = start();
    away(true);
    for (let turn = 0; turn < 10; turn++) expect(await check("good")).toEqual({ code: "away" });
    expect(await check("good")).toEqual({ code: "limited", retryAfterMs: 6_000 });
    expect(asked).toHaveLength(10);
    away(false);
    expect(await check("good", 6_000)).toEqual({ code: "allowed" });
  });

  test("whoever brings ten wrong tokens waits; others do not, nor does one who is known", async () => {
    const { check, asked } = start();
    await check("good");
    for (let turn = 0; turn < 10; turn++) await check(`wrong${turn}`);
    expect(await check("wrong10")).toEqual({ code: "limited", retryAfterMs: 6_000 });
    expect(asked).toHaveLength(11);
    expect(await check("good")).toEqual({ code: "allowed" });
    expect(await check("wrong10", 0, "192.0.2.2")).toEqual({ code: "unauthenticated" });
  });

  test("asks about no empty token and none of unheard length", async () => {
    const { check, asked } = start();
    for (const token of ["", "x".repeat(16_385)]) {
      expect(await check(token)).toEqual({ code: "unauthenticated" });
    }
    expect(asked).toEqual([]);
  });

  test("remembers a thousand answers and forgets the oldest", async () => {
    const { check, asked, answers } = start();
    for (let turn = 0; turn <= 1_000; turn++) {
      answers.set(`t${turn}`, { code: "allowed" });
      await check(`t${turn}`);
    }
    await check("t1");
    expect(asked).toHaveLength(1_001);
    await check("t0");
    expect(asked).toHaveLength(1_002);
  });
});
