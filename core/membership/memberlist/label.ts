import type { Reader } from "#core/bytes/mod.ts";
import { WireError } from "./fault.ts";
import { wrapperCodes } from "./message_table.ts";

/** The label's length is one byte. */
export const labelBytesMax = 255;

/** type 244 | length u8, never 0 | label. Nothing where there is no label. */
export function labelHeader(label: Uint8Array): Uint8Array {
  if (label.length === 0) return label;
  return Uint8Array.from([wrapperCodes.label, label.length, ...label]);
}

/**
 * Reads up to the first type byte of a datagram or a stream and gives that; the label of another ring before it, or
 * none where one is due, is a fault.
 */
export function readTypeAfterLabel(reader: Reader, label: Uint8Array): number {
  const type = reader.u8();
  if (type !== wrapperCodes.label) {
    if (label.length > 0) throw new WireError("wrong-label", "no label where one is expected");
    return type;
  }
  const length = reader.u8();
  if (length === 0) throw new WireError("bad-label", "a label header without a label");
  const found = reader.bytes(length);
  const isOurs = length === label.length && label.every((byte, at) => byte === found[at]);
  if (!isOurs) throw new WireError("wrong-label", "the label of another ring");
  return reader.u8();
}
