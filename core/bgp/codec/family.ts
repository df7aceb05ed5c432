import type { Family } from "#core/net/mod.ts";

/** Address family and subsequent address family as RFC 4760 numbers them. */
export interface AddressFamily {
  readonly afi: number;
  readonly safi: number;
}

export const ipv4Unicast: AddressFamily = { afi: 1, safi: 1 };
export const ipv6Unicast: AddressFamily = { afi: 2, safi: 1 };

const afiNames: Readonly<Record<number, string>> = { 1: "ipv4", 2: "ipv6", 25: "l2vpn", 16388: "bgp-ls" };
const safiNames: Readonly<Record<number, string>> = {
  1: "unicast",
  2: "multicast",
  4: "labeled-unicast",
  70: "evpn",
  128: "vpn",
  133: "flowspec",
};

/** `ipv4-unicast`; numbers where IANA's name is not in the table. */
export function familyName({ afi, safi }: AddressFamily): string {
  return `${afiNames[afi] ?? `afi ${afi}`}-${safiNames[safi] ?? `safi ${safi}`}`;
}

export function sameFamily(a: AddressFamily, b: AddressFamily): boolean {
  return a.afi === b.afi && a.safi === b.safi;
}

/** The addresses that a unicast family carries; undefined for every other one. */
export function familyOf({ afi, safi }: AddressFamily): Family | undefined {
  if (safi !== 1) return undefined;
  return afi === 1 ? "ipv4" : afi === 2 ? "ipv6" : undefined;
}

/** The unicast family that carries prefixes of an address family. */
export function unicastOf(family: Family): AddressFamily {
  return family === "ipv4" ? ipv4Unicast : ipv6Unicast;
}
