import type { Reader } from "#core/bytes/mod.ts";
import { WireError } from "./fault.ts";

/** A decoded value. Old "raw" strings are bytes or text, only the field knows; so all of them come as bytes. */
export type MsgpackValue = null | boolean | number | Uint8Array | MsgpackValue[] | MsgpackMap;
export type MsgpackMap = Map<string, MsgpackValue>;

const depthMax = 6;
/** No message of memberlist has more than eight fields; room for those to come. */
const entriesMax = 64;
/** Only bytes come as arrays, and no field of bytes is longer. */
const itemsMax = 4096;

/**
 * Reads one MessagePack value (https://github.com/msgpack/msgpack/blob/master/spec.md), both dialects: the one of 2011,
 * which memberlist writes (every string and byte array is "raw", 0xa0, 0xda, 0xdb), and today's str and bin types.
 * Depth and number of entries are bounded; extension types and numbers beyond 2^53 are refused.
 */
export function readMsgpack(reader: Reader, depth = 0): MsgpackValue {
  if (depth > depthMax) throw new WireError("too-deep", `MessagePack nested deeper than ${depthMax}`);
  const code = reader.u8();
  if (code <= 0x7f) return code;
  if (code >= 0xe0) return code - 0x100;
  if (code <= 0x8f) return readMap(reader, code & 0x0f, depth);
  if (code <= 0x9f) return readArray(reader, code & 0x0f, depth);
  if (code <= 0xbf) return reader.bytes(code & 0x1f);
  switch (code) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xd9:
      return reader.bytes(reader.u8());
    case 0xc5:
    case 0xda:
      return reader.bytes(reader.u16());
    case 0xc6:
    case 0xdb:
      return reader.bytes(reader.u32());
    case 0xca:
      return new DataView(copy(reader.bytes(4))).getFloat32(0);
    case 0xcb:
      return new DataView(copy(reader.bytes(8))).getFloat64(0);
    case 0xcc:
      return reader.u8();
    case 0xcd:
      return reader.u16();
    case 0xce:
      return reader.u32();
    case 0xcf:
    case 0xd3:
      return readLong(reader, code === 0xd3);
    case 0xd0:
      return (reader.u8() << 24) >> 24;
    case 0xd1:
      return (reader.u16() << 16) >> 16;
    case 0xd2:
      return reader.u32() | 0;
    case 0xdc:
      return readArray(reader, reader.u16(), depth);
    case 0xde:
      return readMap(reader, reader.u16(), depth);
    default:
      throw new WireError("bad-msgpack", `MessagePack type 0x${code.toString(16)} is not used by memberlist`);
  }
}

function readMap(reader: Reader, size: number, depth: number): MsgpackMap {
  if (size > entriesMax) throw new WireError("too-large", `a map of ${size} entries, at most ${entriesMax}`);
  const map: MsgpackMap = new Map();
  for (let at = 0; at < size; at++) {
    const key = readMsgpack(reader, depth + 1);
    if (!(key instanceof Uint8Array)) throw new WireError("bad-msgpack", "a map key is not a string");
    map.set(String.fromCharCode(...key.subarray(0, 64)), readMsgpack(reader, depth + 1));
  }
  return map;
}

/** Some encoders write bytes as an array of numbers. */
function readArray(reader: Reader, size: number, depth: number): MsgpackValue[] {
  if (size > itemsMax) throw new WireError("too-large", `an array of ${size} items, at most ${itemsMax}`);
  const array: MsgpackValue[] = [];
  for (let at = 0; at < size; at++) array.push(readMsgpack(reader, depth + 1));
  return array;
}

function readLong(reader: Reader, isSigned: boolean): number {
  const high = reader.u32();
  const value = (isSigned ? high | 0 : high) * 2 ** 32 + reader.u32();
  if (!Number.isSafeInteger(value)) throw new WireError("too-large", "a number beyond 2^53");
  return value;
}

function copy(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
