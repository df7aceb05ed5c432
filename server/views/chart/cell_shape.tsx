/** @jsxImportSource hono/jsx */
/**
 * How an address stands, as a shape of nine by nine units: the map, its legend and the counts beside a bar share
 * them. Every state differs in form, not in colour alone, and leaves the middle to the end of the address.
 */
import type { MapCell } from "../../ports.ts";

export type CellState = MapCell["state"];

const frame = (left: number) => `M${left} .5h8v8h-8z`;

const draws: Record<CellState, (left: number) => unknown> = {
  free: (left) => <path class="cell-frame" d={frame(left)} />,
  used: (left) => <path class="cell-full" d={`M${left - 0.5} 0h9v9h-9z`} />,
  // A notch: there is room for more than one.
  shared: (left) => <path class="cell-full" d={`M${left - 0.5} 0h5.5l3.5 3.5v5.5h-9z`} />,
  // Two corners are gone: held, but not to be given again.
  kept: (left) => <path class="cell-full cell-late" d={`M${left - 0.5} 0h5.5l3.5 3.5v5.5h-5.5l-3.5-3.5z`} />,
  // A dog-ear: somebody's name is on it.
  reserved: (left) => (
    <>
      <path class="cell-frame cell-named" d={frame(left)} />
      <path class="cell-ear" d={`M${left} .5h3.6l-3.6 3.6z`} />
    </>
  ),
  // Drains away.
  cooling: (left) => (
    <>
      <path class="cell-frame" d={frame(left)} />
      <path class="cell-rest" d={`M${left} 6.5h8v2h-8z`} />
    </>
  ),
  avoided: (left) => <path class="cell-frame cell-off" d={`${frame(left)}M${left} 8.5l8-8`} />,
  excluded: (left) => (
    <path class="cell-frame cell-off" d={`${frame(left)}M${left} .5l8 8M${left} 8.5l8-8`} />
  ),
};

export function CellShape({ state, left = 0.5 }: { state: CellState; left?: number }) {
  return <>{draws[state](left)}</>;
}

/** The shape alone, before the word for it. */
export function CellGlyph({ state }: { state: CellState }) {
  return (
    <svg class="glyph" aria-hidden="true" viewBox="0 0 9 9" width="11" height="11">
      <CellShape state={state} />
    </svg>
  );
}
