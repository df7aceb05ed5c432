import type { InterfaceState } from "../protocol.ts";

/** An interface on which the gateway can be asked. */
export interface OwnLink {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/**
 * The interfaces over which the ring is reached, and whether one of them has a carrier: the one that holds the ring's
 * address, or, where it listens on every address, all that serve.
 */
export function ownLinks(
  interfaces: readonly InterfaceState[],
  ownAddress: string,
): { links: OwnLink[]; hasCarrier: boolean } {
  const holding = interfaces.filter((each) => each.addresses.includes(ownAddress));
  const relevant = holding.length > 0 ? holding : interfaces;
  const up = relevant.filter(({ isUp, hasCarrier }) => isUp && hasCarrier);
  return {
    links: up.filter(({ mac, isUsable }) => mac !== "" && isUsable),
    // Where no interface is listed, as in a test on loopback, nothing is known against it.
    hasCarrier: relevant.length === 0 || up.length > 0,
  };
}
