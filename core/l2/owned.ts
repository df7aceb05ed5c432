import { formatAddress, parseAddress } from "#core/net/mod.ts";
import type { Ipv4Number } from "./arp.ts";

/** An address this node answers for, with what it did for it. */
export interface Owned {
  readonly key: Ipv4Number;
  readonly address: string;
  /** Exact names; empty means every usable interface. */
  readonly interfaces: ReadonlySet<string>;
  /** Requests for it on a matching interface. */
  requests: number;
  responses: number;
  gratuitous: number;
  /** Wall time, for people. */
  gratuitousAt: number | undefined;
}

export interface OwnedDifference {
  /** New, or now on other interfaces. */
  added: Owned[];
  removed: Owned[];
}

/** The addresses this node answers for. */
export class OwnedTable {
  readonly #byKey = new Map<Ipv4Number, Owned>();

  get(key: Ipv4Number): Owned | undefined {
    return this.#byKey.get(key);
  }

  values(): IterableIterator<Owned> {
    return this.#byKey.values();
  }

  /**
   * Takes the whole wanted set and gives the difference. An address whose interfaces changed is in both lists and keeps
   * its counts; an address that stays as it is keeps its entry. Text that is no IPv4 address is left out.
   */
  replace(wanted: readonly { address: string; interfaces: readonly string[] }[]): OwnedDifference {
    const difference: OwnedDifference = { added: [], removed: [] };
    const keys = new Set<Ipv4Number>();
    for (const { address, interfaces } of wanted) {
      const key = ipv4Number(address);
      if (key === undefined) continue;
      keys.add(key);
      const known = this.#byKey.get(key);
      if (known && sameNames(known.interfaces, interfaces)) continue;
      if (known) difference.removed.push(known);
      const entry: Owned = {
        key,
        address: ipv4Text(key),
        interfaces: new Set(interfaces),
        requests: known?.requests ?? 0,
        responses: known?.responses ?? 0,
        gratuitous: known?.gratuitous ?? 0,
        gratuitousAt: known?.gratuitousAt,
      };
      this.#byKey.set(key, entry);
      difference.added.push(entry);
    }
    for (const [key, entry] of this.#byKey) {
      if (keys.has(key)) continue;
      this.#byKey.delete(key);
      difference.removed.push(entry);
    }
    return difference;
  }
}

export function isOnInterface(owned: Owned, name: string): boolean {
  return owned.interfaces.size === 0 || owned.interfaces.has(name);
}

export function ipv4Number(text: string): Ipv4Number | undefined {
  const address = parseAddress(text);
  return address?.family === "ipv4" ? Number(address.value) : undefined;
}

export function ipv4Text(key: Ipv4Number): string {
  return formatAddress({ family: "ipv4", value: BigInt(key) });
}

function sameNames(known: ReadonlySet<string>, wanted: readonly string[]): boolean {
  const names = new Set(wanted);
  return names.size === known.size && wanted.every((name) => known.has(name));
}
