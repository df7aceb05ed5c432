import { addToChecksum, foldChecksum, Writer } from "#core/bytes/mod.ts";
import { bfdPorts, echoEtherTypes, singleHopTtl } from "./ports.ts";

const ethernetBytes = 14;
const udpBytes = 8;
const protocolUdp = 17;
/** Class selector 6, "network control" (RFC 4594 §3.1), as control packets. */
const trafficClass = 48 << 2;

const families = {
  ipv4: { etherType: echoEtherTypes.ipv4, headerBytes: 20, addressBytes: 4 },
  ipv6: { etherType: echoEtherTypes.ipv6, headerBytes: 40, addressBytes: 16 },
};

/** Between whom an Echo packet goes: to the peer's MAC, for this node's own address, so that the peer forwards it back. */
export interface EchoEnds {
  readonly ownMac: Uint8Array;
  readonly peerMac: Uint8Array;
  /** 4 or 16 bytes. */
  readonly ownAddress: Uint8Array;
}

/**
 * An Ethernet frame with an Echo packet (RFC 5881 §4): destination MAC 6, source MAC 6, EtherType u16 | IPv4 or IPv6
 * header | source port u16, destination port u16, length u16, checksum u16 | payload
 */
export function echoFrame({ ownMac, peerMac, ownAddress }: EchoEnds, payload: Uint8Array): Uint8Array {
  const { etherType, headerBytes } = ownAddress.length === 4 ? families.ipv4 : families.ipv6;
  const udpLength = udpBytes + payload.length;
  const frame = new Writer(ethernetBytes + headerBytes + udpLength)
    .bytes(peerMac)
    .bytes(ownMac)
    .u16(etherType);
  if (ownAddress.length === 4) writeIpv4(frame, ownAddress, udpLength);
  else writeIpv6(frame, ownAddress, udpLength);
  // RFC 5881 §4 leaves the source port of Echo packets open.
  const udp = new Writer(udpLength)
    .u16(bfdPorts.echo)
    .u16(bfdPorts.echo)
    .u16(udpLength)
    .u16(0)
    .bytes(payload);
  udp.patchU16(6, udpChecksum(ownAddress, udp.finish()));
  return frame.bytes(udp.finish()).finish();
}

/** RFC 791: version and length, class, length | identification, flags | TTL, protocol, checksum | source | destination */
function writeIpv4(frame: Writer, address: Uint8Array, udpLength: number): void {
  const dontFragment = 0x4000;
  const header = new Writer(families.ipv4.headerBytes)
    .u8(0x45)
    .u8(trafficClass)
    .u16(families.ipv4.headerBytes + udpLength)
    .u16(0)
    .u16(dontFragment)
    .u8(singleHopTtl)
    .u8(protocolUdp)
    .u16(0)
    .bytes(address)
    .bytes(address);
  const bytes = header.finish();
  header.patchU16(10, ~foldChecksum(addToChecksum(0, bytes, 0, bytes.length)) & 0xffff);
  frame.bytes(header.finish());
}

/** RFC 8200: version, class, flow | payload length, next header, hop limit | source | destination */
function writeIpv6(frame: Writer, address: Uint8Array, udpLength: number): void {
  frame.u32(((6 << 28) | (trafficClass << 20)) >>> 0);
  frame.u16(udpLength).u8(protocolUdp).u8(singleHopTtl).bytes(address).bytes(address);
}

/** RFC 768, RFC 8200 §8.1: with the addresses, the length and the protocol; never zero. */
function udpChecksum(address: Uint8Array, udp: Uint8Array): number {
  const twice = 2 * addToChecksum(0, address, 0, address.length);
  const sum = addToChecksum(twice + udp.length + protocolUdp, udp, 0, udp.length);
  return ~foldChecksum(sum) & 0xffff || 0xffff;
}

export interface SeenFrame {
  readonly sourceMac: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly payload: Uint8Array;
}

/** The parts of a frame that holds UDP; undefined for any other frame. Shares memory with it. */
export function readEchoFrame(frame: Uint8Array): SeenFrame | undefined {
  if (frame.length < ethernetBytes + families.ipv4.headerBytes + udpBytes) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const isIpv4 = view.getUint16(12) === families.ipv4.etherType;
  if (!isIpv4 && view.getUint16(12) !== families.ipv6.etherType) return undefined;
  const ip = ethernetBytes;
  // The low half of an IPv4 header's first byte is its length in words; IPv6 extension headers are not followed.
  const headerBytes = isIpv4 ? (view.getUint8(ip) & 0x0f) * 4 : families.ipv6.headerBytes;
  const udp = ip + headerBytes;
  if (headerBytes < families.ipv4.headerBytes || frame.length < udp + udpBytes) return undefined;
  const protocol = view.getUint8(isIpv4 ? ip + 9 : ip + 6);
  const fragment = isIpv4 ? view.getUint16(ip + 6) & 0x3fff : 0;
  const length = view.getUint16(udp + 4);
  if (protocol !== protocolUdp || fragment !== 0 || length < udpBytes || udp + length > frame.length)
    return undefined;
  const { addressBytes } = isIpv4 ? families.ipv4 : families.ipv6;
  const source = isIpv4 ? ip + 12 : ip + 8;
  return {
    sourceMac: frame.subarray(6, 12),
    source: frame.subarray(source, source + addressBytes),
    destination: frame.subarray(source + addressBytes, source + 2 * addressBytes),
    destinationPort: view.getUint16(udp + 2),
    ttl: view.getUint8(isIpv4 ? ip + 8 : ip + 7),
    payload: frame.subarray(udp + udpBytes, udp + length),
  };
}
