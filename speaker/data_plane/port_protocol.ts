import type { Link, Owned, OwnedTable } from "#core/l2/mod.ts";
import type { Family, Mac, Prefix } from "#core/net/mod.ts";

/** An interface that serves. */
export interface ServingLink extends Link {
  /** The networks that are reached on it without a router. */
  readonly connected: readonly Prefix[];
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

/** Who asks in the questions of the self-check: an address of the range for documentation (RFC 7042 §2.1.2). */
export const askerMac: Mac = "00:00:5e:00:53:01";

/** Another host that speaks as an address, or asks for it to take it. */
export interface Rival {
  readonly entry: Owned;
  readonly mac: Mac;
  /** It said so to this node alone, because it was asked. */
  readonly isAnswer?: boolean;
}

/** What one address family asks and answers on an interface. */
export interface PortProtocol {
  readonly family: Family;
  readonly etherType: number;
  /** Length of every frame that is sent. */
  readonly frameBytes: number;
  /** Whether it runs on an interface that is usable as such. */
  serves(link: ServingLink): boolean;
  filter(interfaceIndex: number, owned: readonly Owned[] | "all"): Uint8Array;
  /** The multicast group in which questions for the address arrive, where they do not go to everybody. */
  group(owned: Owned): Uint8Array | undefined;
  /** The address that the frame asks for, with the answer left in `reply`; "invalid" is no frame of the protocol. */
  respond(
    frame: Uint8Array,
    length: number,
    link: PortLink,
    owned: OwnedTable,
    reply: Uint8Array,
  ): Owned | "unanswered" | "invalid";
  /** The address of the table that another host speaks as in a valid frame. */
  claim(
    frame: Uint8Array,
    link: PortLink,
    owned: OwnedTable,
    ownMacs: readonly Uint8Array[],
  ): Rival | undefined;
  /** The address of the table that another host asks for in a valid frame before it takes it. */
  rivalProbe(
    frame: Uint8Array,
    link: PortLink,
    owned: OwnedTable,
    ownMacs: readonly Uint8Array[],
  ): Rival | undefined;
  /** The frames of one announcement. */
  announcement(link: PortLink, owned: Owned): Uint8Array[];
  /** Asks whether anybody has the address. */
  probe(link: PortLink, owned: Owned): Uint8Array;
  /** A question for the address as a neighbour would put it, for the self-check: it is never sent. */
  question(link: PortLink, owned: Owned): Uint8Array;
}
