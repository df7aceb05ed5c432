import { Reader, ShortReadError } from "#core/bytes/mod.ts";
import { badRequest } from "../status_error.ts";

/** One field of a message: a number, or the bytes of a text or of another message. */
export interface WireValue {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** The fields of a message in order (protobuf.dev "Encoding"). Throws a 400 for bytes that are no message. */
export function* readFields(bytes: Uint8Array): Generator<WireValue> {
  const reader = new Reader(bytes);
  try {
    while (reader.remaining > 0) {
      const tag = Number(readVarint(reader));
      const number = tag >>> 3;
      switch (tag & 7) {
        case 0:
          yield { number, value: readVarint(reader) };
          break;
        case 1:
          yield { number, value: reader.bytes(8) };
          break;
        case 2:
          yield { number, value: reader.bytes(Number(readVarint(reader))) };
          break;
        case 5:
          yield { number, value: reader.bytes(4) };
          break;
        default:
          throw badRequest(`the protobuf body has a field of the unknown wire type ${tag & 7}`);
      }
    }
  } catch (error) {
    if (error instanceof ShortReadError) throw badRequest("the protobuf body ends in the middle of a field");
    throw error;
  }
}

/** Up to ten bytes of seven bits each, the lowest first; 64 bits in all. */
function readVarint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.u8();
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw badRequest("the protobuf body has a number of more than 64 bits");
}
