import {
  GratuitousSchedule,
  type GratuitousTiming,
  ipv6Bytes,
  isOnInterface,
  type Owned,
  type OwnedTable,
} from "#core/l2/mod.ts";
import { addressToBytes, type Mac, macToBytes, parseAddress } from "#core/net/mod.ts";
import { Ipv6Groups, PacketSocket } from "#io/mod.ts";
import type { Source } from "./loop.ts";
import type { PortLink, PortProtocol, ServingLink } from "./port_protocol.ts";

/** With so many at most, a new filter is made with each change. */
const promptFilterMax = 256;
const filterDelayMs = 500;

/** One protocol on one usable interface: its packet socket, the present addresses, and when to announce what on it. */
export class Port implements Source, PortLink {
  readonly protocol: PortProtocol;
  readonly index: number;
  readonly name: string;
  readonly socket: PacketSocket;
  readonly schedule: GratuitousSchedule<Owned>;
  readonly groups: Ipv6Groups;
  readonly #serve: (port: Port, now: number) => void;
  #link: ServingLink;
  #mac: Uint8Array;
  #linkLocal: Uint8Array;
  #filter: Uint8Array;
  /** The addresses are others than when the filter was made; some of them do not come through. */
  #isFilterStale = false;
  #isFilterShort = false;
  #isOpenToAll = false;
  #filterAt = Infinity;

  /** Opens the socket; nothing comes through before {@link refilter}. Throws a SystemError. */
  constructor(
    protocol: PortProtocol,
    link: ServingLink,
    timing: GratuitousTiming,
    serve: (port: Port, now: number) => void,
  ) {
    this.schedule = new GratuitousSchedule(timing);
    this.protocol = protocol;
    this.index = link.index;
    this.name = link.name;
    this.#link = link;
    this.#mac = macToBytes(link.mac);
    this.#linkLocal = linkLocalBytes(link);
    this.#serve = serve;
    this.groups = new Ipv6Groups(link.name, link.index);
    this.#filter = protocol.filter(link.index, []);
    this.socket = new PacketSocket(link.name, link.index, protocol.etherType, this.#filter);
  }

  get fd(): number {
    return this.socket.fd;
  }

  get mac(): Uint8Array {
    return this.#mac;
  }

  get macText(): Mac {
    return this.#link.mac;
  }

  get linkLocal(): Uint8Array {
    return this.#linkLocal;
  }

  /** Takes the interface's present addresses; true where what is sent changes by it. */
  update(link: ServingLink): boolean {
    const isSame = link.mac === this.#link.mac && link.linkLocal === this.#link.linkLocal;
    this.#link = link;
    if (isSame) return false;
    this.#mac = macToBytes(link.mac);
    this.#linkLocal = linkLocalBytes(link);
    return true;
  }

  serve(now: number): void {
    this.#serve(this, now);
  }

  /**
   * Hears of one address more. Groups are joined for all of the family, as MetalLB does: what is announced here
   * tomorrow is heard at once.
   */
  include(entry: Owned): void {
    if (entry.family !== this.protocol.family) return;
    this.#isFilterShort ||= this.carries(entry);
    this.#isFilterStale = true;
    const group = this.protocol.group(entry);
    if (group) this.groups.add(group);
  }

  /** One address less; a filter that still lets questions for it through only wakes this thread in vain. */
  exclude(entry: Owned): void {
    if (entry.family !== this.protocol.family) return;
    this.#isFilterStale = true;
    this.schedule.stop(entry);
    const group = this.protocol.group(entry);
    if (group) this.groups.drop(group);
  }

  /**
   * Wakes for the addresses that are announced on this interface, and no others. A filter for thousands takes
   * milliseconds to make: it is made when changes are over for a while, and until then everything comes through.
   */
  refilter(owned: OwnedTable, now: number): void {
    if (!this.#isFilterStale) return;
    if (owned.size > promptFilterMax && now < this.#filterAt) {
      if (this.#filterAt === Infinity) this.#filterAt = now + filterDelayMs;
      if (this.#isFilterShort && !this.#isOpenToAll) this.#attach(this.protocol.filter(this.index, "all"));
      this.#isOpenToAll ||= this.#isFilterShort;
      return;
    }
    const carried = Array.from(owned.values()).filter((entry) => this.carries(entry));
    this.#attach(this.protocol.filter(this.index, carried));
    this.#isFilterStale = false;
    this.#isFilterShort = false;
    this.#isOpenToAll = false;
    this.#filterAt = Infinity;
  }

  nextDeadline(): number {
    return this.groups.isPending ? -Infinity : Math.min(this.schedule.nextDeadline(), this.#filterAt);
  }

  carries(owned: Owned): boolean {
    return owned.family === this.protocol.family && isOnInterface(owned, this.name);
  }

  /** The program that the kernel should be running. */
  get filter(): Uint8Array {
    return this.#filter;
  }

  #attach(filter: Uint8Array): void {
    this.socket.attach(filter);
    this.#filter = filter;
  }

  close(): void {
    this.socket.close();
    this.groups.close();
  }
}

function linkLocalBytes({ linkLocal }: ServingLink): Uint8Array {
  const address = linkLocal === undefined ? undefined : parseAddress(linkLocal);
  return address ? addressToBytes(address) : new Uint8Array(ipv6Bytes);
}
