import { addToChecksum, foldChecksum, Reader, Writer } from "#core/bytes/mod.ts";
import { addressFromBytes, addressToBytes, type IpAddress } from "#core/net/mod.ts";

const ETHERTYPE_IPV6 = 0x86dd;
const NEXT_HEADER_ICMPV6 = 58;
/** RFC 4861 §6.1: a packet that crossed a router has less. */
const HOP_LIMIT = 255;
const ethernetBytes = 14;
const ipv6Bytes = 40;
const types = { solicitation: 133, advertisement: 134 } as const;
/** RFC 4861 §4.1, §4.2, without options. */
const lengthsMin = { solicitation: 8, advertisement: 16 } as const;

/** A Router Solicitation or Advertisement that was heard. */
export interface RouterMessage {
  readonly type: keyof typeof types;
  readonly source: IpAddress;
}

/** Our end of a link: six octets of MAC, and the link-local address. */
export interface LinkEnd {
  readonly mac: Uint8Array;
  readonly address: IpAddress;
}

const allNodes = Uint8Array.fromHex("ff020000000000000000000000000001");
const allRouters = Uint8Array.fromHex("ff020000000000000000000000000002");

/**
 * A Router Advertisement that says "here I am" and nothing else (RFC 4861 §4.2): no prefixes, and a Router Lifetime of
 * zero, for a node is nobody's default router. Routers that peer unnumbered take the sender for their neighbour.
 *
 *   type 134 | code 0 | checksum (2) | hop limit 0: unspecified | flags 0 | lifetime 0 (2) | reachable 0 (4) | retrans 0 (4)
 *   option 1, source link-layer address: type 1 | length 1, in units of 8 | MAC (6)
 */
export function routerAdvertisement(end: LinkEnd): Uint8Array {
  const body = new Writer(20).u8(0).u8(0).u16(0).u32(0).u32(0).u8(1).u8(1).bytes(end.mac).finish();
  return frame("advertisement", end, allNodes, body);
}

/** Asks routers to advertise at once (RFC 4861 §4.1): type 133 | code 0 | checksum (2) | reserved (4) | option 1 as above. */
export function routerSolicitation(end: LinkEnd): Uint8Array {
  const body = new Writer(12).u32(0).u8(1).u8(1).bytes(end.mac).finish();
  return frame("solicitation", end, allRouters, body);
}

function frame(type: RouterMessage["type"], end: LinkEnd, group: Uint8Array, body: Uint8Array): Uint8Array {
  const length = 4 + body.length;
  const writer = new Writer(ethernetBytes + ipv6Bytes + length)
    // RFC 2464 §7
    .u16(0x3333)
    .bytes(group.subarray(12))
    .bytes(end.mac)
    .u16(ETHERTYPE_IPV6)
    .u32(0x60000000)
    .u16(length)
    .u8(NEXT_HEADER_ICMPV6)
    .u8(HOP_LIMIT)
    .bytes(addressToBytes(end.address))
    .bytes(group)
    .u8(types[type])
    .u8(0)
    .u16(0)
    .bytes(body);
  const bytes = writer.finish();
  const checksum = ~checksumOf(bytes, length) & 0xffff;
  bytes.set([checksum >>> 8, checksum & 0xff], ethernetBytes + ipv6Bytes + 2);
  return bytes;
}

/** Reads an Ethernet frame; undefined for what is not a valid message of the two (RFC 4861 §6.1.1, §6.1.2). */
export function readRouterMessage(bytes: Uint8Array): RouterMessage | undefined {
  if (bytes.length < ethernetBytes + ipv6Bytes + lengthsMin.solicitation) return undefined;
  const reader = new Reader(bytes, 12);
  if (reader.u16() !== ETHERTYPE_IPV6 || reader.u32() >>> 28 !== 6) return undefined;
  const length = reader.u16();
  if (reader.u8() !== NEXT_HEADER_ICMPV6 || reader.u8() !== HOP_LIMIT) return undefined;
  const source = addressFromBytes(reader.bytes(16));
  reader.bytes(16);
  const [code, zero] = [reader.u8(), reader.u8()];
  const type = code === types.advertisement ? "advertisement" : "solicitation";
  if (code !== types[type] || zero !== 0 || !source) return undefined;
  const end = ethernetBytes + ipv6Bytes + length;
  if (length < lengthsMin[type] || end > bytes.length) return undefined;
  if (checksumOf(bytes, length) !== 0xffff) return undefined;
  if (!areOptionsWhole(bytes.subarray(ethernetBytes + ipv6Bytes + lengthsMin[type], end))) return undefined;
  // An advertisement comes from a link-local address; a solicitation may come from a host without one.
  if (type === "advertisement" && source.value >> 118n !== 0xfe80n >> 6n) return undefined;
  return { type, source };
}

/** Every option has a length that is not zero, and ends within the message. */
function areOptionsWhole(options: Uint8Array): boolean {
  let at = 0;
  while (at < options.length) {
    const units = options[at + 1] ?? 0;
    if (units === 0) return false;
    at += units * 8;
  }
  return at === options.length;
}

/** RFC 8200 §8.1: over a pseudo-header of addresses, length and next header, and the message; 0xffff where it is right. */
function checksumOf(bytes: Uint8Array, length: number): number {
  const addresses = addToChecksum(0, bytes, ethernetBytes + 8, ethernetBytes + ipv6Bytes);
  const start = ethernetBytes + ipv6Bytes;
  return foldChecksum(addToChecksum(addresses + length + NEXT_HEADER_ICMPV6, bytes, start, start + length));
}
