import type { LinkEvent } from "#core/l2/mod.ts";
import { addressFromBytes, formatAddress, macFromBytes } from "#core/net/mod.ts";

/** rtnetlink(7), in host byte order, little-endian on every machine this runs on. */
export const netlink = {
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  RTM_NEWLINK: 16,
  RTM_DELLINK: 17,
  RTM_GETLINK: 18,
  RTM_NEWADDR: 20,
  RTM_DELADDR: 21,
  RTM_GETADDR: 22,
  /** A request for all objects: NLM_F_REQUEST | NLM_F_DUMP. */
  DUMP_REQUEST: 0x301,
  /** The objects changed while the answer was written: ask again. */
  NLM_F_DUMP_INTR: 0x10,
} as const;

const headerBytes = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
/** Of `ifaddrmsg`. */
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;
const IFF_NOARP = 0x80;
const IFF_LOWER_UP = 0x10000;
const ARPHRD_ETHER = 1;

export type NetlinkMessage =
  | { type: "event"; event: LinkEvent }
  /** The end of a dump; it is to be asked for again when it was interrupted. */
  | { type: "done"; sequence: number; isInterrupted: boolean }
  | { type: "error"; sequence: number; errno: number };

/** A request for every link (RTM_GETLINK) or address (RTM_GETADDR): header and a zeroed `ifinfomsg`. */
export function encodeDumpRequest(type: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, netlink.DUMP_REQUEST, true);
  view.setUint32(8, sequence, true);
  return bytes;
}

/**
 * Reads the messages of one datagram; what does not concern interfaces and their addresses is left out.
 *
 * nlmsghdr (16): length u32 | type u16 | flags u16 | sequence u32 | port u32
 */
export function decodeNetlink(bytes: Uint8Array): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < headerBytes || at + length > bytes.length) break;
    const type = view.getUint16(at + 4, true);
    const isInterrupted = (view.getUint16(at + 6, true) & netlink.NLM_F_DUMP_INTR) !== 0;
    const sequence = view.getUint32(at + 8, true);
    const body = bytes.subarray(at + headerBytes, at + length);
    if (type === netlink.NLMSG_DONE) messages.push({ type: "done", sequence, isInterrupted });
    else if (type === netlink.NLMSG_ERROR && body.length >= 4)
      messages.push({ type: "error", sequence, errno: -view.getInt32(at + headerBytes, true) });
    else {
      const event = decodeEvent(type, body);
      if (event) messages.push({ type: "event", event });
    }
    at += (length + 3) & ~3;
  }
  return messages;
}

function decodeEvent(type: number, body: Uint8Array): LinkEvent | undefined {
  if (type === netlink.RTM_NEWLINK || type === netlink.RTM_DELLINK)
    return decodeLink(body, type === netlink.RTM_NEWLINK);
  if (type === netlink.RTM_NEWADDR || type === netlink.RTM_DELADDR)
    return decodeAddress(body, type === netlink.RTM_NEWADDR);
  return undefined;
}

/**
 * ifinfomsg (16): family u8 | pad | hardware type u16 | index i32 | flags u32 | change u32, then attributes.
 *
 * A bridge speaks of its ports in messages of its own family: one says "gone" when a port only leaves the bridge.
 */
function decodeLink(body: Uint8Array, isPresent: boolean): LinkEvent | undefined {
  if (body.length < 16 || body[0] !== 0) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const index = view.getInt32(4, true);
  if (!isPresent) return { type: "link-gone", index };
  const flags = view.getUint32(8, true);
  const attributes = decodeAttributes(body.subarray(16));
  const name = attributes.get(IFLA_IFNAME);
  if (!name) return undefined;
  const mac = attributes.get(IFLA_ADDRESS);
  const master = attributes.get(IFLA_MASTER);
  const isEthernet = view.getUint16(2, true) === ARPHRD_ETHER && mac?.length === 6;
  const link = {
    index,
    name: new TextDecoder().decode(name.subarray(0, name.indexOf(0) === -1 ? name.length : name.indexOf(0))),
    mac: isEthernet ? macFromBytes(mac) : "",
    isUp: (flags & IFF_UP) !== 0,
    hasCarrier: (flags & IFF_LOWER_UP) !== 0,
    canBroadcast: (flags & IFF_BROADCAST) !== 0,
    isArpOff: (flags & IFF_NOARP) !== 0,
  };
  if (master?.length !== 4) return { type: "link", link };
  const masterIndex = new DataView(master.buffer, master.byteOffset, 4).getUint32(0, true);
  return { type: "link", link: { ...link, masterIndex } };
}

/**
 * ifaddrmsg (8): family u8 | prefix length u8 | flags u8 | scope u8 | index u32, then attributes.
 *
 * An address that is not yet known to be unique, or known not to be, is not there: nothing may be sent from it
 * (RFC 4862 §5.4). The kernel tells of it again when it is.
 */
function decodeAddress(body: Uint8Array, isPresent: boolean): LinkEvent | undefined {
  if (body.length < 8) return undefined;
  const index = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(4, true);
  const attributes = decodeAttributes(body.subarray(8));
  // On a point-to-point link IFA_ADDRESS is the other end.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  const address = bytes && addressFromBytes(bytes);
  if (!address) return undefined;
  const isUnique = ((body[2] as number) & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === 0;
  const text = formatAddress(address);
  return isPresent && isUnique
    ? { type: "address", index, address: text, prefixLength: body[1] as number }
    : { type: "address-gone", index, address: text };
}

/** rtattr: length u16, itself included | type u16 | value, padded to 4. */
function decodeAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}
