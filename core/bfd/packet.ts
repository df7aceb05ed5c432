import { Reader, Writer } from "#core/bytes/mod.ts";
import { type SessionState, sessionStates } from "./names_table.ts";

/** The only one there is. */
export const bfdVersion = 1;
/** RFC 5880 §4.1: the mandatory section. */
export const controlPacketBytes = 24;

/** A BFD Control packet. Intervals are in microseconds, as on the wire. */
export interface ControlPacket {
  readonly version: number;
  /** RFC 5880 §4.1 Diag, 0 to 31. */
  readonly diag: number;
  readonly state: SessionState;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly authenticationPresent: boolean;
  readonly demand: boolean;
  readonly multipoint: boolean;
  readonly detectMult: number;
  /** As the sender says; what really came may be more or less. */
  readonly length: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  readonly desiredMinTxInterval: number;
  readonly requiredMinRxInterval: number;
  readonly requiredMinEchoRxInterval: number;
  /** RFC 5880 §4.1 Auth Type, where the packet has the bit and the section. */
  readonly authType?: number;
}

const bits = {
  poll: 0x20,
  final: 0x10,
  independent: 0x08,
  authentication: 0x04,
  demand: 0x02,
  multipoint: 1,
};

/**
 * RFC 5880 §4.1 (24 bytes, and an authentication section that we never send):
 *
 * version 3 bits, diag 5 | state 2, P F C A D M | detect mult u8 | length u8 | my discriminator u32 |
 * your discriminator u32 | desired min TX u32 | required min RX u32 | required min echo RX u32
 */
export function encodeControlPacket(packet: ControlPacket): Uint8Array {
  const flags =
    (sessionStates.indexOf(packet.state) << 6) |
    (packet.poll ? bits.poll : 0) |
    (packet.final ? bits.final : 0) |
    (packet.controlPlaneIndependent ? bits.independent : 0) |
    (packet.authenticationPresent ? bits.authentication : 0) |
    (packet.demand ? bits.demand : 0) |
    (packet.multipoint ? bits.multipoint : 0);
  return new Writer(controlPacketBytes)
    .u8((packet.version << 5) | (packet.diag & 0x1f))
    .u8(flags)
    .u8(packet.detectMult)
    .u8(packet.length)
    .u32(packet.myDiscriminator)
    .u32(packet.yourDiscriminator)
    .u32(packet.desiredMinTxInterval)
    .u32(packet.requiredMinRxInterval)
    .u32(packet.requiredMinEchoRxInterval)
    .finish();
}

/** The fields as they stand, right or wrong: the table of reception rules judges them. Undefined: too few bytes. */
export function decodeControlPacket(bytes: Uint8Array): ControlPacket | undefined {
  if (bytes.length < controlPacketBytes) return undefined;
  const reader = new Reader(bytes);
  const first = reader.u8();
  const flags = reader.u8();
  const isSet = (bit: number) => (flags & bit) !== 0;
  const packet: ControlPacket = {
    version: first >>> 5,
    diag: first & 0x1f,
    state: sessionStates[flags >>> 6] ?? "AdminDown",
    poll: isSet(bits.poll),
    final: isSet(bits.final),
    controlPlaneIndependent: isSet(bits.independent),
    authenticationPresent: isSet(bits.authentication),
    demand: isSet(bits.demand),
    multipoint: isSet(bits.multipoint),
    detectMult: reader.u8(),
    length: reader.u8(),
    myDiscriminator: reader.u32(),
    yourDiscriminator: reader.u32(),
    desiredMinTxInterval: reader.u32(),
    requiredMinRxInterval: reader.u32(),
    requiredMinEchoRxInterval: reader.u32(),
  };
  return packet.authenticationPresent && reader.remaining > 0 ? { ...packet, authType: reader.u8() } : packet;
}
