import { describe, expect, test } from "bun:test";
import { Lasting } from "./lasting.ts";

/** The wall is an hour ahead. */
const at = (steady: number) => ({ steady, wall: steady + 3_600_000 });
const values = (...names: string[]) => names.map((name) => ({ name }));

describe("Lasting", () => {
  test("tells of what has stayed true for the time, once, and of its end", () => {
    const lasting = new Lasting<{ name: string }>(100, ({ name }) => name);
    expect(lasting.set(values("a"), at(0))).toEqual({ lasting: [], begun: [], ended: [], isRipening: true });
    expect(lasting.set(values("a"), at(99)).begun).toEqual([]);
    expect(lasting.set(values("a", "b"), at(100))).toEqual({
      lasting: [{ name: "a", since: 3_600_000 }],
      begun: values("a"),
      ended: [],
      isRipening: true,
    });
    expect(lasting.set(values("a"), at(150)).begun).toEqual([]);
    expect(lasting.set([], at(160))).toEqual({
      lasting: [],
      begun: [],
      ended: values("a"),
      isRipening: false,
    });
    expect(lasting.set(values("a"), at(170)).lasting).toEqual([]);
  });

  test("says nothing of what was over before its time", () => {
    const lasting = new Lasting<{ name: string }>(100, ({ name }) => name);
    lasting.set(values("a"), at(0));
    expect(lasting.set([], at(99))).toEqual({ lasting: [], begun: [], ended: [], isRipening: false });
  });
});
