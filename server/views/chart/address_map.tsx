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
import { CellGlyph, CellShape } from "./cell_shape.tsx";

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
  const drawn = (
    <>
      <title>{cellTitle(cell, words)}</title>
      {cell.size === "1" ? <CellShape state={cell.state} left={left} /> : <Block cell={cell} left={left} />}
    </>
  );
  if (cell.holder === undefined) return <g>{drawn}</g>;
  return (
    <a href={servicePath(cell.holder.namespace, cell.holder.name)} tabindex={-1}>
      {drawn}
    </a>
  );
}

/** Many addresses: filled from below by the share that is held. */
function Block({ cell, left }: { cell: MapCell; left: number }) {
  if (cell.state === "avoided") return <CellShape state="avoided" left={left} />;
  const share = Number((BigInt(cell.used) * 1_000n) / BigInt(cell.size)) / 1_000;
  const height = Math.max(1, share * side);
  return (
    <>
      <CellShape state="free" left={left} />
      <rect class="cell-full" x={left} y={String(side - height)} width="8" height={String(height)} />
    </>
  );
}

/** Which address, how it stands, for whom it is reserved and until when it rests. */
function cellTitle(cell: MapCell, words: Words): string {
  const { t } = words;
  const address = spanText(cell.first, cell.last);
  if (cell.state === "avoided") return t("map.avoidedCell", { address });
  if (cell.size !== "1") {
    return t("map.blockCell", { address, used: cell.used, total: words.count(cell.size) });
  }
  const service = cell.reservedFor?.map(fullName).join(", ");
  const held = heldTitle(cell, address, words);
  if (held !== undefined) {
    if (service === undefined) return held;
    return t("map.reservedToo", { held, service });
  }
  if (cell.state === "cooling" && cell.coolsUntil !== undefined) {
    return t("map.coolingCell", { address, time: utcText(cell.coolsUntil) });
  }
  if (cell.state === "reserved" && service !== undefined) return t("map.reservedCell", { address, service });
  return `${address}: ${t(`map.${cell.state}`)}`;
}

function heldTitle({ state, holder: one }: MapCell, address: string, words: Words): string | undefined {
  const { t } = words;
  if (!one) return state === "used" || state === "shared" ? t("map.heldCell", { address }) : undefined;
  const holder = fullName(one);
  if (state === "shared") return t("map.sharedCell", { address, holder });
  return state === "kept" ? t("map.keptCell", { address, holder }) : t("map.usedCell", { address, holder });
}

function fullName({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

function utcText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const legend = ["free", "used", "shared", "reserved", "cooling", "excluded", "kept", "avoided"] as const;

/** What the shapes mean, of those that occur. */
export function MapLegend({ cells, words }: MapProps) {
  const present = new Set(cells.map((cell) => cell.state));
  return (
    <ul class="legend" aria-hidden="true">
      {legend
        .filter((state) => present.has(state))
        .map((state) => (
          <li>
            <CellGlyph state={state} />
            {words.t(`map.${state}`)}
          </li>
        ))}
    </ul>
  );
}
