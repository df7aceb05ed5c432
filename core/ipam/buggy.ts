import type { AddressRange, IpAddress } from "#core/net/mod.ts";

/** IPv4 addresses ending in .0 or .255, which some old devices drop for fear of smurf attacks (`avoidBuggyIPs`). */
export function isBuggy({ family, value }: IpAddress): boolean {
  return family === "ipv4" && endsBuggy(value);
}

export function endsBuggy(value: bigint): boolean {
  const lastOctet = value & 0xffn;
  return lastOctet === 0n || lastOctet === 0xffn;
}

/** How many such addresses a range has, without walking through it. */
export function countBuggy({ first, last }: AddressRange): bigint {
  if (first.family !== "ipv4") return 0n;
  return endingUpTo(last.value) - (first.value === 0n ? 0n : endingUpTo(first.value - 1n));
}

/** Of 0 .. value: one .0 for each /24 begun, one .255 for each /24 completed. */
function endingUpTo(value: bigint): bigint {
  return (value >> 8n) + 1n + ((value + 1n) >> 8n);
}
