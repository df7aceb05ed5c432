import {
  type ArpLink,
  etherTypeArp,
  GratuitousSchedule,
  isOnInterface,
  type Link,
  type Owned,
  type OwnedTable,
} from "#core/l2/mod.ts";
import { type Mac, macToBytes } from "#core/net/mod.ts";
import { arpFilter, filteredAddressesMax, PacketSocket } from "#io/mod.ts";
import type { Source } from "./loop.ts";

/** One usable interface: its packet socket, its present MAC, and when to announce which address on it. */
export class ArpPort implements Source, ArpLink {
  readonly index: number;
  readonly name: string;
  readonly socket: PacketSocket;
  readonly schedule = new GratuitousSchedule<Owned>();
  readonly #serve: (port: ArpPort, now: number) => void;
  #macText: Mac;
  #mac: Uint8Array;
  #addressCount: number;

  /** Opens the socket. Throws a SystemError. */
  constructor(link: Link, owned: OwnedTable, serve: (port: ArpPort, now: number) => void) {
    this.index = link.index;
    this.name = link.name;
    this.#macText = link.mac;
    this.#mac = macToBytes(link.mac);
    this.#serve = serve;
    const addresses = this.#addresses(owned);
    this.#addressCount = addresses.length;
    this.socket = new PacketSocket(link.name, link.index, etherTypeArp, arpFilter(link.index, addresses));
  }

  get fd(): number {
    return this.socket.fd;
  }

  get mac(): Uint8Array {
    return this.#mac;
  }

  get macText(): Mac {
    return this.#macText;
  }

  setMac(mac: Mac): void {
    this.#macText = mac;
    this.#mac = macToBytes(mac);
  }

  serve(now: number): void {
    this.#serve(this, now);
  }

  /** Wakes for those of the addresses that are announced on this interface. */
  listenFor(owned: OwnedTable): void {
    const addresses = this.#addresses(owned);
    const wasOpenToAll = this.#addressCount > filteredAddressesMax;
    this.#addressCount = addresses.length;
    if (wasOpenToAll && addresses.length > filteredAddressesMax) return;
    this.socket.attach(arpFilter(this.index, addresses));
  }

  carries(owned: Owned): boolean {
    return owned.family === "ipv4" && isOnInterface(owned, this.name);
  }

  close(): void {
    this.socket.close();
  }

  #addresses(owned: OwnedTable): number[] {
    const keys: number[] = [];
    for (const entry of owned.values()) if (this.carries(entry)) keys.push(entry.key);
    return keys;
  }
}
