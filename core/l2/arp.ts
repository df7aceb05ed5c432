import { Reader, Writer } from "#core/bytes/mod.ts";
import { type Mac, macFromBytes, macToBytes } from "#core/net/mod.ts";
import { etherTypeArp, etherTypeIpv4, macBytes, readU16 } from "./ethernet.ts";

/** An IPv4 address as an unsigned 32-bit number: what the responder looks up, without a bigint on the hot path. */
export type Ipv4Number = number;

/**
 * ARP for IPv4 in an Ethernet frame (RFC 826, "Packet format"), offsets from the start of the frame:
 *
 *  0 Ethernet destination 6 | 6 source 6 | 12 EtherType 0x0806
 * 14 hardware type 1 (u16)  | 16 protocol type 0x0800 (u16) | 18 hardware length 6 | 19 protocol length 4
 * 20 operation (u16)        | 22 sender MAC 6 | 28 sender address 4 | 32 target MAC 6 | 38 target address 4
 */
export const arpOffsets = {
  destination: 0,
  source: 6,
  etherType: 12,
  hardwareType: 14,
  protocolType: 16,
  operation: 20,
  senderMac: 22,
  senderAddress: 28,
  targetMac: 32,
  targetAddress: 38,
} as const;
export const arpFrameBytes = 42;

/** RFC 826 "Definitions"; others exist (RFC 903 and later) and are kept as numbers. */
export const arpOperation = { request: 1, reply: 2 } as const;
const hardwareTypeEthernet = 1;

export interface ArpFrame {
  destination: Mac;
  source: Mac;
  operation: number;
  senderMac: Mac;
  senderAddress: Ipv4Number;
  targetMac: Mac;
  targetAddress: Ipv4Number;
  /** What follows the packet: Ethernet pads a frame to 60 bytes. */
  trailer: Uint8Array;
}

export type ArpFault = "short" | "not-arp" | "not-ipv4-over-ethernet";

/** Reads a frame, or says what it is not. */
export function decodeArp(frame: Uint8Array): ArpFrame | ArpFault {
  if (frame.length < arpFrameBytes) return "short";
  const reader = new Reader(frame);
  const destination = macFromBytes(reader.bytes(macBytes));
  const source = macFromBytes(reader.bytes(macBytes));
  if (reader.u16() !== etherTypeArp) return "not-arp";
  if (!isIpv4OverEthernet(frame)) return "not-ipv4-over-ethernet";
  reader.bytes(arpOffsets.operation - reader.offset);
  return {
    destination,
    source,
    operation: reader.u16(),
    senderMac: macFromBytes(reader.bytes(macBytes)),
    senderAddress: reader.u32(),
    targetMac: macFromBytes(reader.bytes(macBytes)),
    targetAddress: reader.u32(),
    trailer: reader.rest(),
  };
}

export function encodeArp(frame: ArpFrame): Uint8Array {
  return new Writer(arpFrameBytes + frame.trailer.length)
    .bytes(macToBytes(frame.destination))
    .bytes(macToBytes(frame.source))
    .u16(etherTypeArp)
    .u16(hardwareTypeEthernet)
    .u16(etherTypeIpv4)
    .u8(macBytes)
    .u8(4)
    .u16(frame.operation)
    .bytes(macToBytes(frame.senderMac))
    .u32(frame.senderAddress)
    .bytes(macToBytes(frame.targetMac))
    .u32(frame.targetAddress)
    .bytes(frame.trailer)
    .finish();
}

/** The fixed part in front of the operation. The frame is at least {@link arpFrameBytes} long. */
export function isIpv4OverEthernet(frame: Uint8Array): boolean {
  return (
    readU16(frame, arpOffsets.hardwareType) === hardwareTypeEthernet &&
    readU16(frame, arpOffsets.protocolType) === etherTypeIpv4 &&
    frame[18] === macBytes &&
    frame[19] === 4
  );
}
