import { addressToBytes, type Family, formatAddress, parseAddress } from "#core/net/mod.ts";
import type { Ipv4Number } from "./arp.ts";
import { readU32 } from "./ethernet.ts";
import { ipv6Bytes } from "./ipv6_groups.ts";

/** An address this node answers for, with what it did for it. */
export interface Owned {
  readonly family: Family;
  /** Its last 32 bits: all of an IPv4 address, and what an IPv6 address is looked up by first. */
  readonly key: number;
  /** 4 or 16, in network byte order. */
  readonly bytes: Uint8Array;
  /** As it was written by whoever wants it. */
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
  /** By canonical text. */
  readonly #all = new Map<string, Owned>();
  readonly #ipv4 = new Map<Ipv4Number, Owned>();
  /** By the last 32 bits, which seldom are the same in two. */
  readonly #ipv6 = new Map<number, readonly Owned[]>();

  ipv4(key: Ipv4Number): Owned | undefined {
    return this.#ipv4.get(key);
  }

  /** Looks up the 16 bytes at an offset of a frame. */
  ipv6(frame: Uint8Array, at: number): Owned | undefined {
    const alike = this.#ipv6.get(readU32(frame, at + ipv6Bytes - 4));
    if (alike) for (const owned of alike) if (sameBytes(owned.bytes, frame, at)) return owned;
    return undefined;
  }

  find(text: string): Owned | undefined {
    const address = parseAddress(text);
    return address && this.#all.get(formatAddress(address));
  }

  values(): IterableIterator<Owned> {
    return this.#all.values();
  }

  /**
   * Takes the whole wanted set and gives the difference. An address whose interfaces changed is in both lists and keeps
   * its counts; an address that stays as it is keeps its entry. Text that is no IP address is left out.
   */
  replace(wanted: readonly { address: string; interfaces: readonly string[] }[]): OwnedDifference {
    const difference: OwnedDifference = { added: [], removed: [] };
    const present = new Set<string>();
    for (const { address, interfaces } of wanted) {
      const parsed = parseAddress(address);
      if (!parsed) continue;
      const canonical = formatAddress(parsed);
      present.add(canonical);
      const known = this.#all.get(canonical);
      if (known && sameNames(known.interfaces, interfaces)) continue;
      const bytes = addressToBytes(parsed);
      const entry: Owned = {
        family: parsed.family,
        key: readU32(bytes, bytes.length - 4),
        bytes,
        address,
        interfaces: new Set(interfaces),
        requests: known?.requests ?? 0,
        responses: known?.responses ?? 0,
        gratuitous: known?.gratuitous ?? 0,
        gratuitousAt: known?.gratuitousAt,
      };
      if (known) difference.removed.push(this.#remove(canonical, known));
      this.#add(canonical, entry);
      difference.added.push(entry);
    }
    for (const [canonical, entry] of this.#all)
      if (!present.has(canonical)) difference.removed.push(this.#remove(canonical, entry));
    return difference;
  }

  #add(canonical: string, entry: Owned): void {
    this.#all.set(canonical, entry);
    if (entry.family === "ipv4") this.#ipv4.set(entry.key, entry);
    else this.#ipv6.set(entry.key, [...(this.#ipv6.get(entry.key) ?? []), entry]);
  }

  #remove(canonical: string, entry: Owned): Owned {
    this.#all.delete(canonical);
    if (entry.family === "ipv4") this.#ipv4.delete(entry.key);
    else {
      const alike = this.#ipv6.get(entry.key)?.filter((each) => each !== entry) ?? [];
      if (alike.length > 0) this.#ipv6.set(entry.key, alike);
      else this.#ipv6.delete(entry.key);
    }
    return entry;
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

function sameBytes(address: Uint8Array, frame: Uint8Array, at: number): boolean {
  for (let i = 0; i < address.length; i++) if (address[i] !== frame[at + i]) return false;
  return true;
}

function sameNames(known: ReadonlySet<string>, wanted: readonly string[]): boolean {
  const names = new Set(wanted);
  return names.size === known.size && wanted.every((name) => known.has(name));
}
