import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import type { Move } from "#server/ports.ts";
import { MoveHistory } from "./moves.ts";

function move(at: number, from: string, to: string, tookMs?: number): Move {
  const why = reason("move.node-lost", { from });
  return { at, address: "192.0.2.1", from, to, why, ...(tookMs !== undefined && { tookMs }) };
}

describe("MoveHistory", () => {
  test("keeps moves newest first, in whatever order speakers tell of them", () => {
    const history = new MoveHistory();
    history.add([move(20_000, "b", "c")]);
    history.add([move(30_000, "c", "a"), move(10_000, "a", "b")]);
    expect(history.list(2).map(({ at }) => at)).toEqual([30_000, 20_000]);
    expect(history.list(10)).toHaveLength(3);
  });

  test("one move told by two nodes is one; the telling that knows the duration is kept", () => {
    const history = new MoveHistory();
    expect(history.add([move(10_000, "a", "b")])).toBe(true);
    expect(history.add([move(11_500, "a", "b", 640)])).toBe(true);
    expect(history.add([move(12_000, "a", "b")])).toBe(false);
    expect(history.list(10)).toEqual([move(11_500, "a", "b", 640)]);
  });

  test("the same move a minute later is another", () => {
    const history = new MoveHistory();
    history.add([move(10_000, "a", "b"), move(70_000, "a", "b")]);
    expect(history.list(10)).toHaveLength(2);
  });

  test("a speaker that tells its whole list again adds nothing", () => {
    const history = new MoveHistory();
    const told = [move(30_000, "c", "a"), move(10_000, "a", "b")];
    history.add(told);
    expect(history.add(told)).toBe(false);
  });

  test("holds 500 and drops the oldest; what is older than all of them is nothing new", () => {
    const history = new MoveHistory();
    for (let n = 1; n <= 600; n++) history.add([move(n * 10_000, "a", "b")]);
    expect(history.list(1_000)).toHaveLength(500);
    expect(history.list(1_000).at(-1)?.at).toBe(101 * 10_000);
    expect(history.add([move(5_000, "x", "y")])).toBe(false);
  });
});
