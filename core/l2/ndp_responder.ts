import { etherTypeIpv6, macBytes, sameMacBytes } from "./ethernet.ts";
import { allNodes, allNodesMac, ipv6Bytes, isUnspecified } from "./ipv6_groups.ts";
import {
  findOption,
  messageBytesMin,
  ndpFault,
  ndpFaults,
  ndpFlag,
  ndpHopLimit,
  ndpOffsets,
  ndpOptionType,
  ndpType,
  nextHeaderIcmpv6,
  optionUnitBytes,
  writeNdpChecksum,
} from "./ndp_frame.ts";
import { isOnInterface, type Owned, type OwnedTable } from "./owned.ts";

/** Of every frame that is sent: one option, with the link-layer address. */
export const ndpFrameBytes = ndpOffsets.options + optionUnitBytes;

/** Why a frame is not answered. */
export const ndpDropReasons = {
  ...ndpFaults,
  "not-a-solicitation": "the message is an advertisement",
  "other-destination": "the Ethernet destination is neither a group nor the interface",
  "not-announced": "the target address is not announced by this node, or not yet, or no longer",
  "other-interface": "the target address is not announced on this interface",
} as const;
export type NdpDropReason = keyof typeof ndpDropReasons;

/** Where a solicitation arrived: the interface's name, its present MAC, and its link-local address. */
export interface NdpLink {
  readonly name: string;
  readonly mac: Uint8Array;
  /** 16 bytes. What is sent to everybody comes from it, as MetalLB's does. */
  readonly linkLocal: Uint8Array;
}

/**
 * Decides on a frame of `length` bytes. A valid solicitation for an owned address gives the owner's entry and leaves
 * the advertisement in the first {@link ndpFrameBytes} bytes of `reply`; anything else gives the reason why not.
 *
 * The answer goes to the asker, Solicited (RFC 4861 §7.2.4), and like MetalLB's without Override. It comes from the
 * address itself, as a kernel's does: ndisc6 believes nobody who speaks of a global address from a link-local one. Who
 * asks from the unspecified address is about to take the address for its own: everybody is told whose it is, with
 * Override and not Solicited (RFC 4861 §7.2.4, RFC 4862 §5.4.3).
 *
 * Allocates nothing: it stands between a client's question and its answer.
 */
export function respondNdp(
  frame: Uint8Array,
  length: number,
  link: NdpLink,
  owned: OwnedTable,
  reply: Uint8Array,
): Owned | NdpDropReason {
  const fault = ndpFault(frame, length);
  if (fault) return fault;
  if (frame[ndpOffsets.type] !== ndpType.solicitation) return "not-a-solicitation";
  const isToGroup = ((frame[ndpOffsets.destination] as number) & 1) === 1;
  if (!isToGroup && !sameMacBytes(frame, ndpOffsets.destination, link.mac, 0)) return "other-destination";
  const entry = owned.ipv6(frame, ndpOffsets.target);
  if (!entry?.isAnswered) return "not-announced";
  if (!isOnInterface(entry, link.name)) return "other-interface";
  if (isUnspecified(frame, ndpOffsets.sourceAddress)) writeToAll(link, entry.bytes, reply);
  else {
    const option = findOption(frame, ndpOptionType.sourceLinkLayer);
    // Without the option the asker already knows how to reach us, and the frame says how to reach the asker.
    const macAt = option === undefined ? ndpOffsets.source : option + 2;
    const { mac } = link;
    const from = entry.bytes;
    writeAdvertisement(
      mac,
      from,
      from,
      ndpFlag.solicited,
      frame,
      macAt,
      frame,
      ndpOffsets.sourceAddress,
      reply,
    );
  }
  return entry;
}

/** The unsolicited advertisement that tells everybody where an address is now (RFC 4861 §7.2.6). */
export function unsolicitedAdvertisement(link: NdpLink, target: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ndpFrameBytes);
  writeToAll(link, target, frame);
  return frame;
}

function writeToAll(link: NdpLink, target: Uint8Array, into: Uint8Array): void {
  const { mac, linkLocal } = link;
  writeAdvertisement(mac, linkLocal, target, ndpFlag.override, allNodesMac, 0, allNodes, 0, into);
}

/** Writes every byte of the frame, for `into` held another before. */
function writeAdvertisement(
  mac: Uint8Array,
  from: Uint8Array,
  target: Uint8Array,
  flags: number,
  toMac: Uint8Array,
  toMacAt: number,
  toAddress: Uint8Array,
  toAddressAt: number,
  into: Uint8Array,
): void {
  for (let at = 0; at < ndpFrameBytes; at++) into[at] = 0;
  into[ndpOffsets.etherType] = etherTypeIpv6 >>> 8;
  into[ndpOffsets.etherType + 1] = etherTypeIpv6 & 0xff;
  into[ndpOffsets.version] = 0x60;
  into[ndpOffsets.payloadLength + 1] = messageBytesMin + optionUnitBytes;
  into[ndpOffsets.nextHeader] = nextHeaderIcmpv6;
  into[ndpOffsets.hopLimit] = ndpHopLimit;
  into[ndpOffsets.type] = ndpType.advertisement;
  into[ndpOffsets.flags] = flags;
  into[ndpOffsets.options] = ndpOptionType.targetLinkLayer;
  into[ndpOffsets.options + 1] = 1;
  for (let i = 0; i < macBytes; i++) {
    into[ndpOffsets.destination + i] = toMac[toMacAt + i] as number;
    into[ndpOffsets.source + i] = mac[i] as number;
    into[ndpOffsets.options + 2 + i] = mac[i] as number;
  }
  for (let i = 0; i < ipv6Bytes; i++) {
    into[ndpOffsets.sourceAddress + i] = from[i] as number;
    into[ndpOffsets.destinationAddress + i] = toAddress[toAddressAt + i] as number;
    into[ndpOffsets.target + i] = target[i] as number;
  }
  writeNdpChecksum(into);
}
