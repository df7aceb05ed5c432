import { describe, expect, test } from "bun:test";
import { FixtureAuth, goodToken, identity } from "#tests/console/fixture_port.ts";
import { bearerToken, TokenCheck } from "./token_check.ts";

describe("TokenCheck", () => {
  test("asks once and remembers a good answer for seconds only", async () => {
    const auth = new FixtureAuth();
    const tokens = new TokenCheck(auth);
    for (const now of [0, 5_000, 9_999])
      expect(await tokens.check(goodToken, "a", now)).toEqual({ ok: true, identity });
    expect(auth.asked).toBe(1);
    auth.valid.clear();
    expect(await tokens.check(goodToken, "a", 10_000)).toEqual({ ok: false, why: "refused" });
  });

  test("requests that come together with one token ask once", async () => {
    const auth = new FixtureAuth();
    const tokens = new TokenCheck(auth);
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => tokens.check(goodToken, "a", 0)));
    expect(verdicts.every((verdict) => verdict.ok)).toBe(true);
    expect(auth.asked).toBe(1);
  });

  test("does not ask about what cannot be a token", async () => {
    const auth = new FixtureAuth();
    const tokens = new TokenCheck(auth);
    for (const token of ["", "x".repeat(20_000)]) {
      expect(await tokens.check(token, "a", 0)).toEqual({ ok: false, why: "refused" });
    }
    expect(auth.asked).toBe(0);
  });

  test("slows down whoever keeps failing, and nobody else", async () => {
    const tokens = new TokenCheck(new FixtureAuth());
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(await tokens.check(`wrong${attempt}`, "a", 0)).toEqual({ ok: false, why: "refused" });
    }
    expect(await tokens.check("wrong", "a", 0)).toEqual({ ok: false, why: "limited", retryAfterMs: 6_000 });
    expect(await tokens.check(goodToken, "a", 0)).toMatchObject({ ok: false, why: "limited" });
    expect(await tokens.check(goodToken, "b", 0)).toMatchObject({ ok: true });
    expect(await tokens.check(goodToken, "a", 6_000)).toMatchObject({ ok: true });
  });

  test("tells a token that is valid from the right to see", async () => {
    const auth = new FixtureAuth();
    auth.forbidden.add("pod");
    const verdict = { ok: false, why: "forbidden", username: identity.username } as const;
    expect(await new TokenCheck(auth).check("pod", "a", 0)).toEqual(verdict);
    expect(await new TokenCheck(auth).checkOnce("pod", "a", 0)).toEqual(verdict);
  });

  test("says when the API server is away", async () => {
    const auth = new FixtureAuth();
    auth.isAway = true;
    expect(await new TokenCheck(auth).check(goodToken, "a", 0)).toEqual({ ok: false, why: "away" });
  });
});

describe("bearerToken()", () => {
  test.each([
    ["Bearer abc.def-_~+/=", "abc.def-_~+/="],
    ["bearer  abc", "abc"],
    ["Basic abc", undefined],
    ["Bearer", undefined],
    ["Bearer a b", undefined],
    [undefined, undefined],
  ])("%p: %p", (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});
