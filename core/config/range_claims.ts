import {
  type AddressRange,
  compareAddress,
  compareRange,
  formatRange,
  rangesOverlap,
} from "#core/net/mod.ts";
import type { Report } from "./field_reader.ts";
import type { Pool } from "./types.ts";

export interface Claim {
  readonly range: AddressRange;
  readonly pool: string;
  /** In `spec.addresses`. */
  readonly index: number;
}

/** Which pool has which addresses. Claims never overlap, so the only one that can is found by bisection. */
export class RangeClaims {
  #ascending: Claim[] = [];

  add(pool: Pool): void {
    for (const [index, range] of pool.ranges.entries()) {
      this.#ascending.push({ range, pool: pool.name, index });
    }
    this.#ascending.sort((a, b) => compareRange(a.range, b.range));
  }

  /** Reports every range that shares addresses with another one of this pool, or with a pool that came before. */
  check(pool: Pool, report: Report): void {
    const own: { range: AddressRange; index: number }[] = pool.ranges.map((range, index) => ({
      range,
      index,
    }));
    own.sort((a, b) => compareRange(a.range, b.range) || a.index - b.index);
    let widest = own[0];
    for (const entry of own.slice(1)) {
      if (widest && rangesOverlap(widest.range, entry.range)) {
        const [low, high] = widest.index < entry.index ? [widest, entry] : [entry, widest];
        report(
          `spec.addresses[${high.index}]`,
          "pool.overlap-itself",
          `${formatRange(high.range)} overlaps ${formatRange(low.range)} in spec.addresses[${low.index}]: both have ${formatRange(commonRange(low.range, high.range))}; an address may stand in one range only`,
        );
      }
      if (!widest || compareAddress(entry.range.last, widest.range.last) > 0) widest = entry;
    }
    for (const [index, range] of pool.ranges.entries()) {
      const other = this.overlapping(range);
      if (!other) continue;
      report(
        `spec.addresses[${index}]`,
        "pool.overlap",
        `${formatRange(range)} overlaps ${formatRange(other.range)} of the older IPAddressPool "${other.pool}": both have ${formatRange(commonRange(range, other.range))}; an address may be in one pool only`,
      );
    }
  }

  /** The lowest claim that shares addresses with the range. */
  overlapping(range: AddressRange): Claim | undefined {
    let low = 0;
    let high = this.#ascending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const claim = this.#ascending[middle] as Claim;
      if (compareAddress(claim.range.last, range.first) < 0) low = middle + 1;
      else high = middle;
    }
    const claim = this.#ascending[low];
    return claim && rangesOverlap(claim.range, range) ? claim : undefined;
  }
}

/** The addresses in both, of two ranges that overlap. */
export function commonRange(a: AddressRange, b: AddressRange): AddressRange {
  return {
    first: a.first.value > b.first.value ? a.first : b.first,
    last: a.last.value < b.last.value ? a.last : b.last,
  };
}
