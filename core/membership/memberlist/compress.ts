import type { Reader } from "#core/bytes/mod.ts";
import { WireError } from "./fault.ts";
import { readFields, writeFields } from "./fields.ts";
import { lzwDecode, lzwEncode } from "./lzw.ts";
import { compressedFields, wrapperCodes } from "./message_table.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** memberlist knows one algorithm: LZW. */
const lzw = 0;

/** type 9 | { Algo, Buf } */
export function compress(message: Uint8Array): Uint8Array {
  const writer = new MsgpackWriter().byte(wrapperCodes.compressed);
  writeFields(writer, compressedFields, { algorithm: lzw, compressed: lzwEncode(message) });
  return writer.finish();
}

/** How much may still come out of the compressed parts of one datagram or stream. */
export interface Budget {
  bytes: number;
}

/** Reads what follows the type byte. */
export function readCompressed(reader: Reader, budget: Budget): Uint8Array {
  const { algorithm, compressed } = readFields(reader, compressedFields);
  if (algorithm !== lzw) throw new WireError("bad-compression", `compression algorithm ${algorithm}`);
  const message = lzwDecode(compressed as Uint8Array, budget.bytes);
  budget.bytes -= message.length;
  return message;
}
