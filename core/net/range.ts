import { compareAddress, familyBits, formatAddress, type IpAddress } from "./address.ts";
import { formatPrefix, type Prefix } from "./prefix.ts";

/** All addresses from `first` to `last`, both included and of one family. */
export interface AddressRange {
  readonly first: IpAddress;
  readonly last: IpAddress;
}

export function prefixToRange(prefix: Prefix): AddressRange {
  const hostBits = BigInt(familyBits(prefix.address.family) - prefix.length);
  return {
    first: prefix.address,
    last: { family: prefix.address.family, value: prefix.address.value | ((1n << hostBits) - 1n) },
  };
}

/** The fewest prefixes that cover exactly the range, ascending. */
export function rangeToPrefixes(range: AddressRange): Prefix[] {
  const { family } = range.first;
  const bits = familyBits(family);
  const prefixes: Prefix[] = [];
  let at = range.first.value;
  while (at <= range.last.value) {
    let hostBits = 0;
    while (hostBits < bits) {
      const size = 1n << BigInt(hostBits + 1);
      if (at % size !== 0n || at + size - 1n > range.last.value) break;
      hostBits++;
    }
    prefixes.push({ address: { family, value: at }, length: bits - hostBits });
    at += 1n << BigInt(hostBits);
  }
  return prefixes;
}

export function rangeContains(range: AddressRange, address: IpAddress): boolean {
  return (
    range.first.family === address.family &&
    range.first.value <= address.value &&
    address.value <= range.last.value
  );
}

export function rangesOverlap(a: AddressRange, b: AddressRange): boolean {
  return a.first.family === b.first.family && a.first.value <= b.last.value && b.first.value <= a.last.value;
}

/** Number of addresses. */
export function rangeSize(range: AddressRange): bigint {
  return range.last.value - range.first.value + 1n;
}

export function compareRange(a: AddressRange, b: AddressRange): number {
  return compareAddress(a.first, b.first) || compareAddress(a.last, b.last);
}

/** A prefix where the range is one (`10.0.0.0/24`), else `first-last`. */
export function formatRange(range: AddressRange): string {
  const prefixes = rangeToPrefixes(range);
  const only = prefixes[0];
  if (only && prefixes.length === 1) return formatPrefix(only);
  return `${formatAddress(range.first)}-${formatAddress(range.last)}`;
}
