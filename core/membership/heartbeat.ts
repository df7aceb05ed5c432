import { Reader, ShortReadError, Writer } from "#core/bytes/mod.ts";

/** One run of a speaker's process: 48 random bits, never 0. */
export type Boot = number;

/** A sign of life from one node to another. */
export interface Heartbeat {
  kind: "beat" | "leave";
  node: string;
  boot: Boot;
  /** The run of the receiver that the sender last heard, 0 for none: what was recorded for an earlier run is told by it. */
  receiverBoot: Boot;
  /** Grows by one with each beat of a boot. */
  sequence: number;
  /** Wall clock of the sender, for people. */
  sentAt: number;
}

export type HeartbeatFault = "short" | "not-a-heartbeat" | "other-version" | "unknown-kind" | "bad-name";

const magic = 0x6d6c;
const version = 1;
const kinds = ["beat", "leave"] as const;
const fixedBytes = 29;
const nameBytesMax = 253;
/** The payload; authentication comes on top. */
export const heartbeatBytesMax = fixedBytes + nameBytesMax;

/**
 *  0 magic "ml" | 2 version 1 | 3 kind 1 beat, 2 leave | 4 boot 6 | 10 receiver's boot 6 | 16 sequence u32
 * 20 sent at, epoch ms u64 | 28 length n of the node's name u8 | 29 name, UTF-8
 *
 * A receiver leaves alone what follows the name: room for fields to come.
 */
export function encodeHeartbeat(beat: Heartbeat): Uint8Array {
  const name = new TextEncoder().encode(beat.node);
  const writer = new Writer(heartbeatBytesMax)
    .u16(magic)
    .u8(version)
    .u8(kinds.indexOf(beat.kind) + 1);
  writeU48(writer, beat.boot);
  writeU48(writer, beat.receiverBoot);
  writer.u32(beat.sequence).u16(0);
  writeU48(writer, beat.sentAt);
  return writer.u8(name.length).bytes(name).finish();
}

export function decodeHeartbeat(bytes: Uint8Array): Heartbeat | HeartbeatFault {
  try {
    return decode(new Reader(bytes));
  } catch (error) {
    if (error instanceof ShortReadError) return "short";
    throw error;
  }
}

function decode(reader: Reader): Heartbeat | HeartbeatFault {
  if (reader.u16() !== magic) return "not-a-heartbeat";
  if (reader.u8() !== version) return "other-version";
  const kind = kinds[reader.u8() - 1];
  if (!kind) return "unknown-kind";
  const boot = readU48(reader);
  const receiverBoot = readU48(reader);
  const sequence = reader.u32();
  reader.u16();
  const sentAt = readU48(reader);
  const name = reader.bytes(reader.u8());
  const node = new TextDecoder().decode(name);
  if (node === "" || node.includes("\ufffd")) return "bad-name";
  return { kind, node, boot, receiverBoot, sequence, sentAt };
}

function writeU48(writer: Writer, value: number): void {
  writer.u16(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
}

function readU48(reader: Reader): number {
  return reader.u16() * 2 ** 32 + reader.u32();
}
