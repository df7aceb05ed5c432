import { type AddressRange, type Family, type IpAddress, rangeSize } from "#core/net/mod.ts";
import type { AddressBlock } from "./address_block.ts";
import type { Held } from "./holding.ts";
import type { AddressCell } from "./types.ts";

/**
 * A pool as a map: a cell per address where the pool is small, a cell per power of two of them where it is large.
 * Each family has its own scale, so that an IPv6 /64 does not hide the IPv4 addresses beside it.
 */
export function addressMap(
  blocks: readonly AddressBlock[],
  cellsMax: number,
): { cellSize: bigint; cells: AddressCell[] } {
  const families = (["ipv4", "ipv6"] as const).filter((family) => ofFamily(blocks, family).length > 0);
  let cellSize = 1n;
  const cells: AddressCell[] = [];
  for (const family of families) {
    const own = ofFamily(blocks, family);
    const size = cellSizeFor(
      own.map((block) => block.range),
      Math.max(1, Math.floor(cellsMax / families.length)),
    );
    if (size > cellSize) cellSize = size;
    for (const block of own) cells.push(...cellsOf(block, size));
  }
  return { cellSize, cells };
}

function ofFamily(blocks: readonly AddressBlock[], family: Family): AddressBlock[] {
  return blocks.filter((block) => block.range.first.family === family);
}

/** The least power of two with which the ranges need no more cells than allowed; each range needs one at least. */
function cellSizeFor(ranges: readonly AddressRange[], cellsMax: number): bigint {
  const limit = BigInt(Math.max(cellsMax, ranges.length));
  let size = 1n;
  while (ranges.reduce((sum, range) => sum + cellCount(range, size), 0n) > limit) size *= 2n;
  return size;
}

function cellCount(range: AddressRange, size: bigint): bigint {
  return (rangeSize(range) + size - 1n) / size;
}

function cellsOf(block: AddressBlock, size: bigint): AddressCell[] {
  const { first, last } = block.range;
  const used = new Array<number>(Number(cellCount(block.range, size))).fill(0);
  for (const value of block.held.keys()) {
    const at = Number((value - first.value) / size);
    used[at] = (used[at] ?? 0) + 1;
  }
  return used.map((count, at) => {
    const from = first.value + BigInt(at) * size;
    const to = from + size - 1n < last.value ? from + size - 1n : last.value;
    const address = (value: bigint): IpAddress => ({ family: first.family, value });
    const held = size === 1n ? block.held.get(from) : undefined;
    const holder = held?.holdings[0]?.service;
    const reservedFor = size === 1n ? block.reserved.get(from) : undefined;
    const cooling = size === 1n ? block.cooling.get(from) : undefined;
    const coolsUntilMs = cooling && cooling.freedAtMs + cooling.pool.reuseAfterMs;
    return {
      first: address(from),
      last: address(to),
      size: to - from + 1n,
      used: count,
      state: size === 1n ? stateOf(block, from, held) : count === 0 ? "free" : "used",
      ...(holder !== undefined && { holder }),
      ...(reservedFor && { reservedFor }),
      ...(coolsUntilMs !== undefined && { coolsUntilMs }),
    };
  });
}

function stateOf(block: AddressBlock, value: bigint, held: Held | undefined): AddressCell["state"] {
  if (held) return block.excludes(value) ? "kept" : held.holdings.length > 1 ? "shared" : "used";
  if (block.excludes(value)) return "excluded";
  if (block.avoids(value)) return "avoided";
  if (block.reserved.has(value)) return "reserved";
  return block.cooling.has(value) ? "cooling" : "free";
}
