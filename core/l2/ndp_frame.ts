import { addToChecksum, foldChecksum } from "#core/bytes/mod.ts";
import { etherTypeIpv6, readU16 } from "./ethernet.ts";
import { isMulticast, isSolicitedNode, isUnspecified } from "./ipv6_groups.ts";

/**
 * A Neighbor Solicitation or Advertisement (RFC 4861 §4.3, §4.4) right after an IPv6 header (RFC 8200 §3) in an
 * Ethernet frame, offsets from the start of the frame:
 *
 *  0 Ethernet destination 6 | 6 source 6 | 12 EtherType 0x86dd
 * 14 version 6, traffic class, flow label (u32) | 18 payload length (u16) | 20 next header 58 | 21 hop limit 255
 * 22 source address 16 | 38 destination address 16
 * 54 type 135 or 136 | 55 code 0 | 56 checksum (u16) | 58 R S O and 29 reserved bits (u32) | 62 target address 16
 * 78 options: type u8 | length u8, in units of 8 bytes, these two included | value
 */
export const ndpOffsets = {
  destination: 0,
  source: 6,
  etherType: 12,
  version: 14,
  payloadLength: 18,
  nextHeader: 20,
  hopLimit: 21,
  sourceAddress: 22,
  destinationAddress: 38,
  type: 54,
  code: 55,
  checksum: 56,
  flags: 58,
  target: 62,
  options: 78,
} as const;

/** ICMPv6 types (RFC 4861 §4.3, §4.4). */
export const ndpType = { solicitation: 135, advertisement: 136 } as const;
export const nextHeaderIcmpv6 = 58;
/** What cannot have crossed a router (RFC 4861 §7.1). */
export const ndpHopLimit = 255;
/** In the first byte of the flags word of an advertisement. */
export const ndpFlag = { router: 0x80, solicited: 0x40, override: 0x20 } as const;
/** RFC 4861 §4.6.1; RFC 3971 §5.3.2 for the nonce. Other options are kept as they are. */
export const ndpOptionType = { sourceLinkLayer: 1, targetLinkLayer: 2, nonce: 14 } as const;
/** Of the one size that fills an option of one unit, and the least there is (RFC 3971 §5.3.2). */
export const nonceBytes = 6;
/** ICMPv6 header, flags and target. */
export const messageBytesMin = 24;
export const optionUnitBytes = 8;

/** What a frame lacks to be a valid message (RFC 4861 §7.1.1 and §7.1.2), in the order of looking. */
export const ndpFaults = {
  short: "the frame ends before the message does",
  "not-ndp": "the frame is not a Neighbor Solicitation or Advertisement right after an IPv6 header",
  "hop-limit": "the hop limit is not 255: the message may come from beyond the link",
  code: "the ICMPv6 code is not 0",
  length: "the ICMPv6 message is shorter than 24 bytes",
  option: "an option has length 0 or goes beyond the message",
  checksum: "the ICMPv6 checksum is wrong",
  "multicast-target": "the target is a multicast address",
  "unspecified-source":
    "the source is unspecified, but the destination is not a solicited-node group, or a source link-layer option is there",
  "solicited-multicast": "an advertisement to a group says that it was solicited",
} as const;
export type NdpFault = keyof typeof ndpFaults;

/** What is wrong with the first `length` bytes as an NDP message; undefined where it is valid. Allocates nothing. */
export function ndpFault(frame: Uint8Array, length: number): NdpFault | undefined {
  if (length < ndpOffsets.options) return "short";
  if (readU16(frame, ndpOffsets.etherType) !== etherTypeIpv6) return "not-ndp";
  if ((frame[ndpOffsets.version] as number) >> 4 !== 6) return "not-ndp";
  if (frame[ndpOffsets.nextHeader] !== nextHeaderIcmpv6) return "not-ndp";
  const type = frame[ndpOffsets.type];
  if (type !== ndpType.solicitation && type !== ndpType.advertisement) return "not-ndp";
  if (frame[ndpOffsets.hopLimit] !== ndpHopLimit) return "hop-limit";
  if (frame[ndpOffsets.code] !== 0) return "code";
  const payloadBytes = readU16(frame, ndpOffsets.payloadLength);
  if (payloadBytes < messageBytesMin) return "length";
  const end = ndpOffsets.type + payloadBytes;
  if (end > length) return "short";
  for (let at: number = ndpOffsets.options; at < end; ) {
    const units = at + 1 < end ? (frame[at + 1] as number) : 0;
    if (units === 0 || at + units * optionUnitBytes > end) return "option";
    at += units * optionUnitBytes;
  }
  if (ndpChecksum(frame) !== 0xffff) return "checksum";
  if (isMulticast(frame, ndpOffsets.target)) return "multicast-target";
  if (type === ndpType.advertisement) {
    const isSolicited = ((frame[ndpOffsets.flags] as number) & ndpFlag.solicited) !== 0;
    return isSolicited && isMulticast(frame, ndpOffsets.destinationAddress)
      ? "solicited-multicast"
      : undefined;
  }
  if (!isUnspecified(frame, ndpOffsets.sourceAddress)) return undefined;
  const isToGroup = isSolicitedNode(frame, ndpOffsets.destinationAddress);
  const names = findOption(frame, ndpOptionType.sourceLinkLayer);
  return isToGroup && names === undefined ? undefined : "unspecified-source";
}

/** Where the first option of a type begins in a valid message. */
export function findOption(frame: Uint8Array, type: number): number | undefined {
  const end = ndpOffsets.type + readU16(frame, ndpOffsets.payloadLength);
  for (let at: number = ndpOffsets.options; at < end; at += (frame[at + 1] as number) * optionUnitBytes)
    if (frame[at] === type) return at;
  return undefined;
}

/** Sets the checksum of a message whose length field is right. */
export function writeNdpChecksum(frame: Uint8Array): void {
  frame[ndpOffsets.checksum] = 0;
  frame[ndpOffsets.checksum + 1] = 0;
  const checksum = ~ndpChecksum(frame) & 0xffff;
  frame[ndpOffsets.checksum] = checksum >>> 8;
  frame[ndpOffsets.checksum + 1] = checksum & 0xff;
}

/** Over the pseudo-header (RFC 8200 §8.1) and the message; 0xffff where the checksum in it is right. */
function ndpChecksum(frame: Uint8Array): number {
  const payloadBytes = readU16(frame, ndpOffsets.payloadLength);
  const end = ndpOffsets.type + payloadBytes;
  return foldChecksum(addToChecksum(payloadBytes + nextHeaderIcmpv6, frame, ndpOffsets.sourceAddress, end));
}
