import { describe, expect, test } from "bun:test";
import type { Pool } from "#core/config/mod.ts";
import { formatAddress } from "#core/net/mod.ts";
import { address, claimant, ipv4, pool, requireDual, show, withPools } from "./fixtures.ts";
import { Allocator } from "./mod.ts";

describe("setPools()", () => {
  const whole = pool("a", ["10.0.0.0/24"]);
  function taken(): Allocator {
    const allocator = withPools(whole);
    allocator.allocateExactly(claimant("low"), [address("10.0.0.5")]);
    allocator.allocateExactly(claimant("high"), [address("10.0.0.200")]);
    return allocator;
  }
  const holds = (allocator: Allocator) =>
    ["low", "high"].map((name) =>
      allocator
        .holdingOf(`default/${name}`)
        .map(({ pool, text }) => `${pool} ${text}`)
        .join(),
    );

  test.each([
    ["widened", [pool("a", ["10.0.0.0/23"])], ["a 10.0.0.5", "a 10.0.0.200"]],
    ["renamed", [pool("z", ["10.0.0.0/24"])], ["z 10.0.0.5", "z 10.0.0.200"]],
    ["split", [pool("x", ["10.0.0.0/25"]), pool("y", ["10.0.0.128/25"])], ["x 10.0.0.5", "y 10.0.0.200"]],
    ["cut where nobody is", [pool("a", ["10.0.0.0/26", "10.0.0.192/26"])], ["a 10.0.0.5", "a 10.0.0.200"]],
    ["cut in half", [pool("a", ["10.0.0.0/25"])], ["a 10.0.0.5", ""]],
    ["gone", [], ["", ""]],
  ])("keeps whoever still lies in some pool: %s", (_, pools, expected) => {
    const allocator = taken();
    const { left, changed } = allocator.setPools(pools);
    expect(changed).toBe(true);
    expect(holds(allocator)).toEqual(expected);
    expect(left.size).toBe(expected.filter((text) => text === "").length);
    const uses = allocator.poolUses();
    const used = expected.filter((text) => text !== "").length;
    expect(uses.reduce((sum, use) => sum + use.used.ipv4, 0)).toBe(used);
    expect(uses.reduce((sum, use) => sum + use.services, 0)).toBe(used);
  });

  test("does not give a kept address to anybody else, and gives the freed one", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/31"]));
    allocator.allocate(claimant("first"), ipv4);
    allocator.allocate(claimant("second"), ipv4);
    allocator.setPools([pool("a", ["10.0.0.1-10.0.0.2"])]);
    expect(show(allocator.allocate(claimant("third"), ipv4))).toBe("a: 10.0.0.2");
    expect(show(allocator.allocate(claimant("fourth"), ipv4))).toContain("2 of 2");
  });

  test("turning avoidBuggyIPs on frees .0 and .255 only", () => {
    const allocator = withPools(whole);
    allocator.allocate(claimant("zero"), ipv4);
    allocator.allocate(claimant("one"), ipv4);
    const { left, touched } = allocator.setPools([{ ...whole, avoidBuggyIPs: true }]);
    expect([...left.keys()]).toEqual(["default/zero"]);
    expect([...touched]).toEqual(["default/zero"]);
  });

  test("the same list again changes nothing and touches nobody", () => {
    const { left, touched, changed } = taken().setPools([pool("a", ["10.0.0.0/24"])]);
    expect([left.size, touched.size, changed]).toEqual([0, 0, false]);
  });

  test("an edit of one pool does not touch the Services of another", () => {
    const allocator = withPools(whole, pool("b", ["10.1.0.0/24"]));
    allocator.allocate(claimant("a"), ipv4, "a");
    allocator.allocate(claimant("b"), ipv4, "b");
    const touchedBy = (...pools: Pool[]) => [...allocator.setPools(pools).touched];
    const scoped = { serviceAllocation: { namespaces: ["default"] } };
    expect(touchedBy(whole, pool("b", ["10.1.0.0/25"]))).toEqual([]);
    expect(touchedBy(whole, pool("c", ["10.1.0.0/25"]))).toEqual(["default/b"]);
    expect(touchedBy(whole, pool("c", ["10.1.0.0/25"], scoped))).toEqual(["default/b"]);
    expect(touchedBy(whole, pool("c", ["10.1.0.0/24"], scoped))).toEqual([]);
    expect(touchedBy(whole)).toEqual(["default/b"]);
  });

  test("a held pool's Services keep their addresses, none is given from it, and they come home when it returns", () => {
    const allocator = taken();
    const { left } = allocator.setPools([pool("b", ["10.1.0.0/24"])], new Set(["a"]));
    expect(left.size).toBe(0);
    expect(holds(allocator)).toEqual(["a 10.0.0.5", "a 10.0.0.200"]);
    expect(show(allocator.allocate(claimant("new"), ipv4, "a"))).toContain(
      "was rejected or is being removed",
    );
    expect(show(allocator.allocateExactly(claimant("new"), [address("10.0.0.5")]))).toContain(
      "is in no IPAddressPool",
    );
    expect(allocator.heldIn("a").map(({ services }) => services)).toEqual([
      ["default/low"],
      ["default/high"],
    ]);
    expect(allocator.setPools([whole]).left.size).toBe(0);
    expect(allocator.poolUse("a")).toMatchObject({ used: { ipv4: 2 }, services: 2 });
    expect(show(allocator.allocateExactly(claimant("new"), [address("10.0.0.5")]))).toContain(
      "held by Service default/low",
    );
  });

  test("after a restart a held pool's Services are adopted by what their annotation says", () => {
    const allocator = new Allocator();
    allocator.setPools([], new Set(["a"]));
    const at = [address("10.0.0.5")];
    expect(allocator.adopt(claimant("low"), at, "a").kept).toHaveLength(1);
    expect(allocator.adopt(claimant("thief"), at, "a").refused.map(({ why }) => why.code)).toEqual([
      "address.taken",
    ]);
    expect(allocator.adopt(claimant("stranger"), [address("10.0.0.6")], "z").kept).toHaveLength(0);
    expect([...allocator.setPools([], new Set()).left.keys()]).toEqual(["default/low"]);
  });

  test("a dual-stack Service whose pool loses one family loses that address only", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/24", "2001:db8::/120"]));
    allocator.allocate(claimant("s"), requireDual);
    const { left } = allocator.setPools([pool("a", ["2001:db8::/120"])]);
    expect([...left].map(([service, gone]) => `${service} ${gone.map(formatAddress)}`)).toEqual([
      "default/s 10.0.0.0",
    ]);
    expect(allocator.addressesOf("default/s").map(formatAddress)).toEqual(["2001:db8::"]);
    expect(allocator.poolUse("a")).toMatchObject({ used: { ipv4: 0, ipv6: 1 }, services: 1 });
  });
});
