import { describe, expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { claimant, ipv4, pool, requireDual, sharing, withPools } from "./fixtures.ts";

describe("cells()", () => {
  test("shows a small pool address by address", () => {
    const allocator = withPools(pool("a", ["10.0.0.252-10.0.1.1"], { avoidBuggyIPs: true }));
    allocator.allocate(claimant("alone"), ipv4);
    allocator.allocate(claimant("one", sharing("key", ["80/TCP"])), ipv4);
    allocator.allocate(claimant("two", sharing("key", ["443/TCP"])), ipv4);
    const { cellSize, cells } = allocator.cells("a", 100);
    expect(cellSize).toBe(1n);
    expect(
      cells.map(({ first, state, holder }) => `${formatAddress(first)} ${state} ${holder ?? ""}`),
    ).toEqual([
      "10.0.0.252 used default/alone",
      "10.0.0.253 shared default/one",
      "10.0.0.254 free ",
      "10.0.0.255 avoided ",
      "10.0.1.0 avoided ",
      "10.0.1.1 free ",
    ]);
  });

  test("shows a large pool in blocks, each family on its own scale", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/20", "2001:db8::/64"]));
    for (let n = 0; n < 20; n++) allocator.allocate(claimant(`s${n}`), requireDual);
    const { cellSize, cells } = allocator.cells("a", 512);
    expect(cells).toHaveLength(512);
    expect(cellSize).toBe(2n ** 56n);
    expect(cells[0]).toMatchObject({ size: 16n, used: 16, state: "used" });
    expect(cells[1]).toMatchObject({ size: 16n, used: 4, state: "used" });
    expect(cells[256]).toMatchObject({ size: 2n ** 56n, used: 20, state: "used" });
    expect(cells.reduce((sum, { size }) => sum + size, 0n)).toBe(4096n + 2n ** 64n);
  });
});
