import { Reader, ShortReadError, Writer } from "#core/bytes/mod.ts";
import { BadFieldError, readU48, standingBytes, writeU48 } from "./fields.ts";
import type { Boot } from "./identity.ts";
import { messageTable } from "./messages.ts";
import type { Message, MessageKind } from "./messages_types.ts";

/** A message with what tells who says it to whom, and that it was not said before. */
export interface Datagram {
  readonly node: string;
  readonly boot: Boot;
  /** The run of the receiver that it is meant for, 0 where it is not known: no other run takes it. */
  readonly receiverBoot: Boot;
  /** Grows by one with each datagram from this boot to this receiver, and begins with 1. */
  readonly sequence: number;
  readonly message: Message;
}

export type DatagramFault =
  | "short"
  | "not-of-the-ring"
  | "other-version"
  /** Of a newer speaker; nothing is wrong. */
  | "unknown-kind"
  | "bad-name"
  | "bad-field";

const magic = 0x6d6c;
/** Version 1 were the plain heartbeats of the first release. */
const version = 2;
const nameBytesMax = 253;
const headerBytesMax = 23 + nameBytesMax;
/** The edge adds its proof to what is encoded here, {@link proofBytes} of it. */
export const proofBytes = 32;
/** Proof included: fits an Ethernet frame behind any header of IPv4 or IPv6. */
export const datagramBytesMax = 1_400;
/** Opaque bytes in facts or in what is told: what fits beside the longest name. */
export const payloadBytesMax = 1_000;
const bodyBytesMax = datagramBytesMax - proofBytes - headerBytesMax;
/** Entries in one datagram, beside an arc and a flag. */
export const standingsMax = Math.floor((bodyBytesMax - 15) / standingBytes);
export const idsMax = Math.floor((bodyBytesMax - 2) / 6);

const kindByCode = new Map(
  Object.entries(messageTable).map(([kind, { code }]) => [code, kind as MessageKind]),
);
/** One row for all kinds: that a message meets its own row is known by its kind. */
const rows = messageTable as Record<
  MessageKind,
  { code: number; write(writer: Writer, message: Message): void; read(reader: Reader): object }
>;

/**
 *  0 magic "ml" | 2 version 2 | 3 kind u8 | 4 boot 6 | 10 receiver's boot 6 | 16 sequence u32
 * 20 length n of the node's name u8 | 21 name, UTF-8 | 21+n length of the body u16 | 23+n body
 *
 * A receiver leaves alone what follows the body: room for what is to come.
 */
export function encodeDatagram({ node, boot, receiverBoot, sequence, message }: Datagram): Uint8Array {
  const name = new TextEncoder().encode(node);
  const row = rows[message.kind];
  const writer = new Writer(datagramBytesMax - proofBytes).u16(magic).u8(version).u8(row.code);
  writeU48(writer, boot);
  writeU48(writer, receiverBoot);
  writer.u32(sequence).u8(name.length).bytes(name).u16(0);
  const bodyAt = writer.length;
  row.write(writer, message);
  writer.patchU16(bodyAt - 2, writer.length - bodyAt);
  return writer.finish();
}

/** Reads a datagram whose proof was checked, or says what is wrong with it. */
export function decodeDatagram(bytes: Uint8Array): Datagram | DatagramFault {
  try {
    return decode(new Reader(bytes));
  } catch (error) {
    if (error instanceof ShortReadError) return "short";
    if (error instanceof BadFieldError) return "bad-field";
    throw error;
  }
}

function decode(reader: Reader): Datagram | DatagramFault {
  if (reader.u16() !== magic) return "not-of-the-ring";
  if (reader.u8() !== version) return "other-version";
  const kind = kindByCode.get(reader.u8());
  if (kind === undefined) return "unknown-kind";
  const boot = readU48(reader);
  const receiverBoot = readU48(reader);
  const sequence = reader.u32();
  const node = new TextDecoder().decode(reader.bytes(reader.u8()));
  if (node === "" || node.includes("\ufffd")) return "bad-name";
  const body = reader.sub(reader.u16());
  const message = { kind, ...rows[kind].read(body) } as Message;
  return { node, boot, receiverBoot, sequence, message };
}
