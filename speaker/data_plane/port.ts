import { GratuitousSchedule, ipv6Bytes, isOnInterface, type Owned, type OwnedTable } from "#core/l2/mod.ts";
import { addressToBytes, type Mac, macToBytes, parseAddress } from "#core/net/mod.ts";
import { Ipv6Groups, PacketSocket } from "#io/mod.ts";
import type { Source } from "./loop.ts";
import type { PortLink, PortProtocol, ServingLink } from "./port_protocol.ts";

/** One protocol on one usable interface: its packet socket, the present addresses, and when to announce what on it. */
export class Port implements Source, PortLink {
  readonly protocol: PortProtocol;
  readonly index: number;
  readonly name: string;
  readonly socket: PacketSocket;
  readonly schedule = new GratuitousSchedule<Owned>();
  readonly groups: Ipv6Groups;
  readonly #serve: (port: Port, now: number) => void;
  #link: ServingLink;
  #mac: Uint8Array;
  #linkLocal: Uint8Array;
  #isOpenToAll = false;

  /** Opens the socket; nothing comes through before {@link listenFor}. Throws a SystemError. */
  constructor(protocol: PortProtocol, link: ServingLink, serve: (port: Port, now: number) => void) {
    this.protocol = protocol;
    this.index = link.index;
    this.name = link.name;
    this.#link = link;
    this.#mac = macToBytes(link.mac);
    this.#linkLocal = linkLocalBytes(link);
    this.#serve = serve;
    this.groups = new Ipv6Groups(link.name, link.index);
    this.socket = new PacketSocket(
      link.name,
      link.index,
      protocol.etherType,
      protocol.filter(link.index, []),
    );
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
   * Wakes for those of the addresses that are announced on this interface. Groups are joined for all of the family, as
   * MetalLB does: what is announced here tomorrow is heard at once.
   */
  listenFor(owned: OwnedTable): void {
    const ofFamily = Array.from(owned.values()).filter(({ family }) => family === this.protocol.family);
    const carried = ofFamily.filter((entry) => this.carries(entry));
    const isOpenToAll = carried.length > this.protocol.filteredAddressesMax;
    if (!isOpenToAll || !this.#isOpenToAll) this.socket.attach(this.protocol.filter(this.index, carried));
    this.#isOpenToAll = isOpenToAll;
    this.groups.want(this.protocol.groups(ofFamily));
  }

  carries(owned: Owned): boolean {
    return owned.family === this.protocol.family && isOnInterface(owned, this.name);
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
