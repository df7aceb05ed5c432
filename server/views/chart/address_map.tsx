/** @jsxImportSource hono/jsx */
/**
 * The address map: a cell per address, or per block in a large pool. Drawn as one SVG per line, so that a poke that
 * changes one address leaves the other lines untouched. Free cells of a line are one path, for thousands of elements
 * that say nothing would only be heavy. States differ in shape, not colour alone. The list of holders below the map
 * says the same in text and is the way for keyboards and screen readers.
 */
import type { Words } from "../../i18n/mod.ts";
import type { MapCell } from "../../ports.ts";
import { servicePath } from "../paths.ts";
import { type CellGrid, type CellRow, cellGrid, shortLabel, spanText } from "./cell_rows.ts";

/** Units of the drawing: a cell is 9 of 10, the rest is the gap. */
const pitch = 10;
const side = 9;
const labelledPixels = 30;
const plainPixels = 15;

interface MapProps {
  cells: readonly MapCell[];
  words: Words;
}

export function AddressMap({ cells, words }: MapProps) {
  const grid = cellGrid(cells);
  return (
    <div class="map" data-labels={String(grid.hasLabels)} aria-hidden="true">
      {grid.rows.map((row) => (
        <>
          <span class="address map-label">{grid.hasLabels && grid.rows.length === 1 ? "" : row.first}</span>
          <Line row={row} grid={grid} words={words} />
        </>
      ))}
    </div>
  );
}

function Line({ row, grid, words }: { row: CellRow; grid: CellGrid; words: Words }) {
  const columns = grid.rows.length === 1 && grid.hasLabels ? row.cells.length : grid.columns;
  const width = columns * (grid.hasLabels ? labelledPixels : plainPixels);
  const free = row.cells.flatMap((cell, index) => (cell.state === "free" ? [x(row, index)] : []));
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${columns * pitch} ${pitch}`} width={String(width)}>
      {free.length === 0 ? null : (
        <g class="cell-free">
          <title>{words.t("map.freeIn", { count: free.length, range: spanText(row.first, row.last) })}</title>
          <path d={free.map((left) => `M${left} .5h8v8h-8z`).join("")} />
        </g>
      )}
      {row.cells.map((cell, index) => (
        <Cell cell={cell} left={x(row, index)} words={words} />
      ))}
      {grid.hasLabels
        ? row.cells.map((cell, index) => (
            <text class={`cell-label-${cell.state}`} x={String(x(row, index) + 4)} y="5.9">
              {shortLabel(cell.first)}
            </text>
          ))
        : null}
    </svg>
  );
}

function x(row: CellRow, index: number): number {
  return (row.indent + index) * pitch + 0.5;
}

function Cell({ cell, left, words }: { cell: MapCell; left: number; words: Words }) {
  if (cell.state === "free") return null;
  if (cell.state === "avoided") {
    return (
      <g class="cell-avoided">
        <title>{words.t("map.avoidedCell", { address: spanText(cell.first, cell.last) })}</title>
        <path d={`M${left} .5h8v8h-8zM${left} .5l8 8`} />
      </g>
    );
  }
  const drawn = (
    <>
      <title>{cellTitle(cell, words)}</title>
      <Held cell={cell} left={left} />
    </>
  );
  if (cell.holder === undefined) return <g>{drawn}</g>;
  return (
    <a href={servicePath(cell.holder.namespace, cell.holder.name)} tabindex={-1}>
      {drawn}
    </a>
  );
}

/** One address: full where held, with a notch where shared. A block: filled from below by its share. */
function Held({ cell, left }: { cell: MapCell; left: number }) {
  if (cell.size !== "1") {
    const share = Number((BigInt(cell.used) * 1_000n) / BigInt(cell.size)) / 1_000;
    const height = Math.max(1, share * side);
    return (
      <>
        <path class="cell-free" d={`M${left} .5h8v8h-8z`} />
        <rect class="cell-used" x={left} y={String(side - height)} width="8" height={String(height)} />
      </>
    );
  }
  const d =
    cell.state === "used"
      ? `M${left - 0.5} 0h${side}v${side}h-${side}z`
      : `M${left - 0.5} 0h5.5l3.5 3.5v5.5h-${side}z`;
  return <path class={`cell-${cell.state}`} d={d} />;
}

function cellTitle(cell: MapCell, words: Words): string {
  const address = spanText(cell.first, cell.last);
  if (cell.size !== "1") {
    return words.t("map.blockCell", { address, used: cell.used, total: words.count(cell.size) });
  }
  if (!cell.holder) return words.t("map.heldCell", { address });
  const holder = `${cell.holder.namespace}/${cell.holder.name}`;
  return cell.state === "shared"
    ? words.t("map.sharedCell", { address, holder })
    : words.t("map.usedCell", { address, holder });
}

/** What the shapes mean. */
export function MapLegend({ cells, words }: MapProps) {
  const states = ["free", "used", "shared", "avoided"] as const;
  const present = states.filter((state) => cells.some((cell) => cell.state === state));
  return (
    <ul class="legend" aria-hidden="true">
      {present.map((state) => (
        <li>
          <svg aria-hidden="true" viewBox="0 0 10 10" width="14" height="14">
            {state === "free" ? (
              <path class="cell-free" d="M.5 .5h8v8h-8z" />
            ) : (
              <Cell cell={{ first: "", last: "", size: "1", used: 1, state }} left={0.5} words={words} />
            )}
          </svg>
          {words.t(`map.${state}`)}
        </li>
      ))}
    </ul>
  );
}
