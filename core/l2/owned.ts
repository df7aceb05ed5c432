import { addressToBytes, type Family, formatAddress, parseAddress } from "#core/net/mod.ts";
import type { Ipv4Number } from "./arp.ts";
import { readU32 } from "./ethernet.ts";
import { ipv6Bytes } from "./ipv6_groups.ts";

/** An address this node has to answer for, with what it did for it. */
export interface Owned {
  readonly family: Family;
  /** Its last 32 bits: all of an IPv4 address, and what an IPv6 address is looked up by first. */
  readonly key: number;
  /** 4 or 16, in network byte order. */
  readonly bytes: Uint8Array;
  /** As it was written by whoever wants it. */
  readonly address: string;
  /** Exact names; empty means every usable interface. */
  interfaces: ReadonlySet<string>;
  /** False while it is still asked for on the network, and after another node took it over. */
  isAnswered: boolean;
  /** When it was taken over from another, monotonic ms; -Infinity where nobody had it. */
  takenAt: number;
  /** Requests for it on a matching interface, while it is answered. */
  requests: number;
  responses: number;
  gratuitous: number;
  /** Wall time, for people. */
  gratuitousAt: number | undefined;
}

/** The addresses this node has to answer for. */
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

  get size(): number {
    return this.#all.size;
  }

  find(text: string): Owned | undefined {
    const address = parseAddress(text);
    return address && this.#all.get(formatAddress(address));
  }

  /** By its 4 or 16 bytes. */
  findBytes(bytes: Uint8Array): Owned | undefined {
    if (bytes.length === ipv6Bytes) return this.ipv6(bytes, 0);
    return bytes.length === 4 ? this.#ipv4.get(readU32(bytes, 0)) : undefined;
  }

  values(): IterableIterator<Owned> {
    return this.#all.values();
  }

  /**
   * Takes an address in, answered from now on, or gives the entry that there is, on the interfaces of the call.
   * Undefined where the text is no IP address.
   */
  set(
    address: string,
    interfaces: readonly string[],
  ): { entry: Owned; what: "new" | "moved" | "same" } | undefined {
    const parsed = parseAddress(address);
    if (!parsed) return undefined;
    const canonical = formatAddress(parsed);
    const known = this.#all.get(canonical);
    if (known) {
      if (sameNames(known.interfaces, interfaces)) return { entry: known, what: "same" };
      known.interfaces = new Set(interfaces);
      return { entry: known, what: "moved" };
    }
    const bytes = addressToBytes(parsed);
    const entry: Owned = {
      family: parsed.family,
      key: readU32(bytes, bytes.length - 4),
      bytes,
      address,
      interfaces: new Set(interfaces),
      isAnswered: true,
      takenAt: -Infinity,
      requests: 0,
      responses: 0,
      gratuitous: 0,
      gratuitousAt: undefined,
    };
    this.#add(canonical, entry);
    return { entry, what: "new" };
  }

  /** Gives what was there. */
  remove(text: string): Owned | undefined {
    const address = parseAddress(text);
    if (!address) return undefined;
    const canonical = formatAddress(address);
    const entry = this.#all.get(canonical);
    if (entry) this.#remove(canonical, entry);
    return entry;
  }

  #add(canonical: string, entry: Owned): void {
    this.#all.set(canonical, entry);
    if (entry.family === "ipv4") this.#ipv4.set(entry.key, entry);
    else this.#ipv6.set(entry.key, [...(this.#ipv6.get(entry.key) ?? []), entry]);
  }

  #remove(canonical: string, entry: Owned): void {
    this.#all.delete(canonical);
    if (entry.family === "ipv4") this.#ipv4.delete(entry.key);
    else {
      const alike = this.#ipv6.get(entry.key)?.filter((each) => each !== entry) ?? [];
      if (alike.length > 0) this.#ipv6.set(entry.key, alike);
      else this.#ipv6.delete(entry.key);
    }
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
