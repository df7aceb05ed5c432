import { describe, expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import type { MapCell } from "../../ports.ts";
import { cellGrid, shortLabel } from "./cell_rows.ts";

function cellsFrom(first: bigint, count: number, size = 1n, family: "ipv4" | "ipv6" = "ipv4"): MapCell[] {
  return Array.from({ length: count }, (_, index) => {
    const value = first + BigInt(index) * size;
    return {
      first: formatAddress({ family, value }),
      last: formatAddress({ family, value: value + size - 1n }),
      size: String(size),
      used: 0,
      state: "free",
    };
  });
}

const at = (a: number, b: number, c: number, d: number) => BigInt(((a * 256 + b) * 256 + c) * 256 + d);

describe("cellGrid()", () => {
  test("a small pool is one line without an indent", () => {
    const grid = cellGrid(cellsFrom(at(192, 168, 1, 240), 11));
    expect(grid.hasLabels).toBe(true);
    expect(grid.rows.map((row) => [row.first, row.last, row.indent, row.cells.length])).toEqual([
      ["192.168.1.240", "192.168.1.250", 0, 11],
    ]);
  });

  test("a /24 is sixteen lines of sixteen, so that a column stands for the same last digit", () => {
    const grid = cellGrid(cellsFrom(at(10, 0, 0, 0), 256));
    expect(grid.rows.length).toBe(16);
    expect(grid.rows.every((row) => row.indent === 0 && row.cells.length === 16)).toBe(true);
  });

  test("a range that begins in the middle is indented to its column", () => {
    const grid = cellGrid(cellsFrom(at(10, 0, 0, 5), 30));
    expect(grid.rows.map((row) => [row.indent, row.cells.length])).toEqual([
      [5, 11],
      [0, 16],
      [0, 3],
    ]);
  });

  test("a gap between ranges begins a new line", () => {
    const cells = [...cellsFrom(at(10, 0, 0, 0), 4), ...cellsFrom(at(10, 0, 0, 8), 4)];
    expect(cellGrid(cells).rows.map((row) => row.first)).toEqual(["10.0.0.0", "10.0.0.8"]);
  });

  test("many cells, and blocks, are sixty-four to a line without labels", () => {
    const many = cellGrid(cellsFrom(at(10, 0, 0, 0), 4_096));
    expect([many.columns, many.hasLabels, many.rows.length]).toEqual([64, false, 64]);
    const blocks = cellGrid(cellsFrom(0x20010db8n << 96n, 128, 2n ** 57n, "ipv6"));
    expect([blocks.columns, blocks.hasLabels, blocks.rows.length]).toEqual([64, false, 2]);
  });

  test("no cell is lost", () => {
    const cells = [...cellsFrom(at(10, 0, 0, 7), 100), ...cellsFrom(at(10, 9, 0, 250), 300)];
    expect(cellGrid(cells).rows.flatMap((row) => row.cells)).toEqual(cells);
  });
});

test("shortLabel() is the last octet or group", () => {
  expect(shortLabel("192.168.1.240")).toBe("240");
  expect(shortLabel("2001:db8::ff")).toBe("ff");
});
