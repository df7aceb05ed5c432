import { describe, expect, test } from "bun:test";
import { HeldConfiguration } from "./held_configuration.ts";

type Kind = "pools" | "l2" | "bgp";
const named = (...names: string[]) => names.map((name) => ({ metadata: { name } }));

function start() {
  const held = new HeldConfiguration<Kind, { metadata: { name: string } }>("pools");
  const live = { pools: named("p", "q"), l2: named("l"), bgp: named("b") };
  const take = (now: number) => {
    const taken = held.take(live, now);
    return Object.entries(taken).map(([kind, items]) => `${kind}:${items.map((item) => item.metadata.name)}`);
  };
  return { held, live, take };
}

describe("HeldConfiguration", () => {
  test("lets everything through, and the deletion of one object at once", () => {
    const { held, live, take } = start();
    expect(take(0)).toEqual(["pools:p,q", "l2:l", "bgp:b"]);
    live.pools = named("q");
    expect(take(1)).toEqual(["pools:q", "l2:l", "bgp:b"]);
    expect(held.nextDeadline()).toBeUndefined();
  });

  test("the last object of a kind counts two seconds longer, as others may be on their way out", () => {
    const { held, live, take } = start();
    take(0);
    live.l2 = [];
    expect(take(1_000)).toEqual(["pools:p,q", "l2:l", "bgp:b"]);
    expect(held.nextDeadline()).toBe(3_000);
    expect(take(2_999)).toEqual(["pools:p,q", "l2:l", "bgp:b"]);
    expect(take(3_000)).toEqual(["pools:p,q", "l2:", "bgp:b"]);
    expect([held.isHolding, held.nextDeadline()]).toEqual([false, undefined]);
  });

  test("where the pools go too, all that went with them is held, without limit", () => {
    const { held, live, take } = start();
    take(0);
    live.bgp = [];
    take(10);
    live.pools = [];
    take(1_500);
    live.l2 = [];
    expect(take(90_000_000)).toEqual(["pools:p,q", "l2:l", "bgp:b"]);
    expect([held.isHolding, held.nextDeadline()]).toEqual([true, undefined]);
  });

  test("with the first pool that is back the rest has a minute to follow", () => {
    const { held, live, take } = start();
    take(0);
    for (const kind of ["pools", "l2", "bgp"] as const) live[kind] = [];
    take(10);
    live.pools = named("q");
    expect(take(100_000)).toEqual(["pools:q,p", "l2:l", "bgp:b"]);
    expect([held.isHolding, held.nextDeadline()]).toEqual([false, 160_000]);
    live.l2 = named("l");
    expect(take(159_999)).toEqual(["pools:q,p", "l2:l", "bgp:b"]);
    expect(take(160_000)).toEqual(["pools:q", "l2:l", "bgp:"]);
  });

  test("what was deleted long before the pools is not brought back by their loss", () => {
    const { live, take } = start();
    take(0);
    live.bgp = [];
    take(10);
    take(5_000);
    live.pools = [];
    expect(take(5_010)).toEqual(["pools:p,q", "l2:l", "bgp:"]);
  });

  test("a speaker that never saw a pool holds nothing", () => {
    const { held, live, take } = start();
    live.pools = [];
    expect(take(0)).toEqual(["pools:", "l2:l", "bgp:b"]);
    expect(held.isHolding).toBe(false);
  });
});
