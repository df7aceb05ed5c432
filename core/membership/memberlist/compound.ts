import { Reader } from "#core/bytes/mod.ts";
import { wrapperCodes } from "./message_table.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** Type and count; then two bytes of length for each message. */
export const compoundHeaderBytes = 2;
export const compoundOverheadBytes = 2;
export const compoundPartsMax = 255;

/** type 7 | count u8 | count × length u16 | the messages. One message stands alone. */
export function encodeCompound(messages: readonly Uint8Array[]): Uint8Array {
  const [only] = messages;
  if (only && messages.length === 1) return only;
  const writer = new MsgpackWriter().byte(wrapperCodes.compound).byte(messages.length);
  for (const { length } of messages) writer.u16(length);
  for (const message of messages) writer.append(message);
  return writer.finish();
}

/** The parts after the type byte. Those that were cut off are missing, as memberlist has it: the rest still counts. */
export function readCompound(bytes: Uint8Array): Uint8Array[] {
  const reader = new Reader(bytes);
  const lengths = Array.from({ length: reader.u8() }, () => reader.u16());
  const parts: Uint8Array[] = [];
  for (const length of lengths) {
    if (length > reader.remaining) break;
    parts.push(reader.bytes(length));
  }
  return parts;
}
