import { arpFrameBytes, arpOffsets, arpOperation, isIpv4OverEthernet } from "./arp.ts";
import { etherTypeArp, isBroadcast, macBytes, readU16, readU32, sameMacBytes } from "./ethernet.ts";
import { isOnInterface, type Owned, type OwnedTable } from "./owned.ts";

/** Why a frame is not answered. */
export const dropReasons = {
  malformed: "the frame is not ARP for IPv4 over Ethernet, or is short",
  "not-a-request": "the operation is not request (1)",
  "other-destination": "the Ethernet destination is neither broadcast nor the interface",
  "not-announced": "the target address is not announced by this node, or not yet, or no longer",
  "other-interface": "the target address is not announced on this interface",
} as const;
export type DropReason = keyof typeof dropReasons;

/** Where a request arrived: the interface's name and its present MAC. */
export interface ArpLink {
  readonly name: string;
  readonly mac: Uint8Array;
}

/**
 * Decides on a frame of `length` bytes. A request for an owned address (RFC 826 "Packet reception") gives the owner's
 * entry and leaves the answer in the first {@link arpFrameBytes} bytes of `reply`; anything else gives the reason why
 * not. The asker's own address is not looked at, so a probe (sender 0.0.0.0, RFC 5227) is answered too.
 *
 * Allocates nothing: it stands between a client's question and its answer.
 */
export function respond(
  frame: Uint8Array,
  length: number,
  link: ArpLink,
  owned: OwnedTable,
  reply: Uint8Array,
): Owned | DropReason {
  if (length < arpFrameBytes || readU16(frame, arpOffsets.etherType) !== etherTypeArp) return "malformed";
  if (!isIpv4OverEthernet(frame)) return "malformed";
  if (readU16(frame, arpOffsets.operation) !== arpOperation.request) return "not-a-request";
  if (
    !isBroadcast(frame, arpOffsets.destination) &&
    !sameMacBytes(frame, arpOffsets.destination, link.mac, 0)
  )
    return "other-destination";
  const entry = owned.ipv4(readU32(frame, arpOffsets.targetAddress));
  if (!entry?.isAnswered) return "not-announced";
  if (!isOnInterface(entry, link.name)) return "other-interface";
  writeReply(frame, link.mac, reply);
  return entry;
}

/** The asker's sender fields become the target, the asked address and our MAC the sender. */
function writeReply(request: Uint8Array, mac: Uint8Array, reply: Uint8Array): void {
  for (let at = 0; at < arpFrameBytes; at++) reply[at] = request[at] as number;
  reply[arpOffsets.operation + 1] = arpOperation.reply;
  for (let i = 0; i < macBytes; i++) {
    const asker = request[arpOffsets.senderMac + i] as number;
    reply[arpOffsets.destination + i] = asker;
    reply[arpOffsets.targetMac + i] = asker;
    reply[arpOffsets.source + i] = mac[i] as number;
    reply[arpOffsets.senderMac + i] = mac[i] as number;
  }
  for (let i = 0; i < 4; i++) {
    reply[arpOffsets.senderAddress + i] = request[arpOffsets.targetAddress + i] as number;
    reply[arpOffsets.targetAddress + i] = request[arpOffsets.senderAddress + i] as number;
  }
}
