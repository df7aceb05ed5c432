import { parseAddress } from "#core/net/mod.ts";
import type { MapCell } from "../../ports.ts";

/** One line of the map: cells that follow one another, the first of them `indent` columns from the left. */
export interface CellRow {
  first: string;
  last: string;
  indent: number;
  cells: MapCell[];
}

export interface CellGrid {
  columns: number;
  /** Cells are large enough to carry the end of their address. */
  hasLabels: boolean;
  rows: CellRow[];
}

/** Up to here a cell is drawn large, sixteen to a line, as an IPv4 /24 is best read. */
const labelledMax = 256;
const oneLineMax = 16;

/**
 * Cuts a pool's cells into lines. Lines begin at multiples of the number of columns, so that a column always stands
 * for the same last digits; a gap between ranges begins a new line.
 */
export function cellGrid(cells: readonly MapCell[]): CellGrid {
  const hasLabels = cells.length <= labelledMax && cells.every((cell) => cell.size === "1");
  const columns = hasLabels ? oneLineMax : 64;
  const isAligned = cells.length > oneLineMax;
  const rows: CellRow[] = [];
  let expected: bigint | undefined;
  for (const cell of cells) {
    const value = parseAddress(cell.first)?.value ?? 0n;
    const size = BigInt(cell.size);
    const column = isAligned ? Number((value / size) % BigInt(columns)) : 0;
    const row = rows.at(-1);
    const isNew = !row || value !== expected || row.indent + row.cells.length >= columns;
    if (isNew) rows.push({ first: cell.first, last: cell.last, indent: column, cells: [cell] });
    else {
      row.cells.push(cell);
      row.last = cell.last;
    }
    expected = value + size;
  }
  return { columns, hasLabels, rows };
}

/** The part of the address that tells cells of one line apart: the last octet, or the last group. */
export function shortLabel(address: string): string {
  return address.slice(Math.max(address.lastIndexOf("."), address.lastIndexOf(":")) + 1);
}

/** `10.0.3.0–10.0.3.63`, or one address alone. */
export function spanText(first: string, last: string): string {
  return first === last ? first : `${first}–${last}`;
}
