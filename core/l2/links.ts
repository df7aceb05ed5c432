import { formatPrefix, type Mac, type Prefix, parsePrefix } from "#core/net/mod.ts";

/** A network interface as the kernel tells of it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** Empty where the interface has no Ethernet address, such as a tunnel. */
  readonly mac: Mac;
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  readonly canBroadcast: boolean;
  readonly isArpOff: boolean;
  /** The bridge, bond or VRF it belongs to. */
  readonly masterIndex?: number;
}

export type LinkEvent =
  | { type: "link"; link: Link }
  | { type: "link-gone"; index: number }
  | { type: "address"; index: number; address: string; prefixLength: number }
  | { type: "address-gone"; index: number; address: string };

/** The interfaces of this node with their addresses, kept by events. */
export class LinkTable {
  readonly #links = new Map<number, Link>();
  /** Prefix length by address. */
  readonly #addresses = new Map<number, Map<string, number>>();

  links(): Link[] {
    return [...this.#links.values()].sort((a, b) => a.index - b.index);
  }

  addresses(index: number): string[] {
    return [...(this.#addresses.get(index)?.keys() ?? [])].sort();
  }

  /** The networks that are reached without a router, each once, ascending as text; those of link-local addresses too. */
  connected(index: number): Prefix[] {
    const prefixes = new Map<string, Prefix>();
    for (const [address, length] of this.#addresses.get(index) ?? []) {
      const prefix = parsePrefix(`${address}/${length}`);
      if (prefix) prefixes.set(formatPrefix(prefix), prefix);
    }
    return [...prefixes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, prefix]) => prefix);
  }

  /** Whether the event said anything new. */
  apply(event: LinkEvent): boolean {
    switch (event.type) {
      case "link": {
        const known = this.#links.get(event.link.index);
        if (known && sameLink(known, event.link)) return false;
        this.#links.set(event.link.index, event.link);
        return true;
      }
      case "link-gone":
        this.#addresses.delete(event.index);
        return this.#links.delete(event.index);
      case "address": {
        const addresses = this.#addresses.get(event.index) ?? new Map<string, number>();
        if (addresses.get(event.address) === event.prefixLength) return false;
        this.#addresses.set(event.index, addresses.set(event.address, event.prefixLength));
        return true;
      }
      case "address-gone":
        return this.#addresses.get(event.index)?.delete(event.address) ?? false;
    }
  }
}

function sameLink(a: Link, b: Link): boolean {
  return (
    a.name === b.name &&
    a.mac === b.mac &&
    a.isUp === b.isUp &&
    a.hasCarrier === b.hasCarrier &&
    a.canBroadcast === b.canBroadcast &&
    a.isArpOff === b.isArpOff &&
    a.masterIndex === b.masterIndex
  );
}
