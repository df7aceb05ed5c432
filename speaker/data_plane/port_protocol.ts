import type { Link, Owned, OwnedTable } from "#core/l2/mod.ts";
import type { Family, Mac } from "#core/net/mod.ts";

/** An interface that serves. */
export interface ServingLink extends Link {
  /** Its IPv6 link-local address as text, where it has one that is known to be unique. */
  readonly linkLocal?: string;
}

/** An interface as the protocols see it. */
export interface PortLink {
  readonly name: string;
  readonly macText: Mac;
  readonly mac: Uint8Array;
  /** 16 bytes; all zero where there is none. */
  readonly linkLocal: Uint8Array;
}

/** What one address family asks and answers on an interface. */
export interface PortProtocol {
  readonly family: Family;
  readonly etherType: number;
  /** Length of every frame that is sent. */
  readonly frameBytes: number;
  /** With more addresses, all frames of the protocol come through. */
  readonly filteredAddressesMax: number;
  /** Whether it runs on an interface that is usable as such. */
  serves(link: ServingLink): boolean;
  filter(interfaceIndex: number, owned: readonly Owned[]): Uint8Array;
  /** The multicast groups in which questions for the addresses arrive. */
  groups(owned: readonly Owned[]): Uint8Array[];
  /** The address that the frame asks for, with the answer left in `reply`; "invalid" is no frame of the protocol. */
  respond(
    frame: Uint8Array,
    length: number,
    link: PortLink,
    owned: OwnedTable,
    reply: Uint8Array,
  ): Owned | "unanswered" | "invalid";
  /** The owned address that another host speaks as in a valid frame. */
  claim(
    frame: Uint8Array,
    link: PortLink,
    owned: OwnedTable,
    ownMacs: readonly Uint8Array[],
  ): { entry: Owned; mac: Mac } | undefined;
  /** The frames of one announcement. */
  announcement(link: PortLink, owned: Owned): Uint8Array[];
}
