import type { Reader } from "#core/bytes/mod.ts";
import { addressFromBytes, addressToBytes, formatAddress, parseAddress } from "#core/net/mod.ts";
import { WireError } from "./fault.ts";
import type { Field, FieldKind } from "./message_table.ts";
import { nodeStates } from "./messages.ts";
import { type MsgpackMap, type MsgpackValue, readMsgpack } from "./msgpack.ts";
import type { MsgpackWriter } from "./msgpack_writer.ts";

export type Fields = Record<string, unknown>;

/** Far above any node's name (253) and memberlist's metadata (512). */
const textBytesMax = 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one map with the fields of a row of the table. What is missing is empty, as in Go; what is unknown is left alone. */
export function readFields(reader: Reader, fields: readonly Field[]): Fields {
  const map = readMsgpack(reader);
  if (!(map instanceof Map)) throw new WireError("bad-msgpack", "a message that is not a map");
  return fieldsOf(map, fields);
}

function fieldsOf(map: MsgpackMap, fields: readonly Field[]): Fields {
  const values: Fields = {};
  for (const { wire, key, kind } of fields) values[key] = readField(wire, kind, map.get(wire) ?? null);
  return values;
}

function readField(name: string, kind: FieldKind, value: MsgpackValue): unknown {
  switch (kind) {
    case "bool":
      if (value !== null && typeof value !== "boolean") throw bad(name, "neither true nor false");
      return value ?? false;
    case "uint":
    case "int":
      return wholeNumber(name, value, 0xffffffff);
    case "port":
      return wholeNumber(name, value, 0xffff);
    case "state": {
      const state = nodeStates[wholeNumber(name, value, 0xff)];
      if (!state) throw bad(name, "not the number of a state");
      return state;
    }
    case "text":
      return text(name, bytes(name, value));
    case "bytes":
      return bytes(name, value).slice();
    case "address":
      return address(name, bytes(name, value));
    case "versions":
      return versions(name, [...bytes(name, value)]);
  }
}

function wholeNumber(name: string, value: MsgpackValue, max: number): number {
  if (value === null) return 0;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max)
    throw bad(name, `not a whole number from 0 to ${max}`);
  return value;
}

function bytes(name: string, value: MsgpackValue): Uint8Array {
  if (value === null) return new Uint8Array(0);
  if (value instanceof Uint8Array) return value;
  const isBytes = Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && isByte(byte));
  if (!isBytes) throw bad(name, "not bytes");
  return Uint8Array.from(value as number[]);
}

const isByte = (value: MsgpackValue) => typeof value === "number" && value >= 0 && value <= 255;

function text(name: string, raw: Uint8Array): string {
  if (raw.length > textBytesMax) throw new WireError("too-large", `${name} of ${raw.length} bytes`);
  try {
    return utf8.decode(raw);
  } catch {
    throw bad(name, "not UTF-8");
  }
}

/** Go writes an IPv4 address in 4 or, mapped (RFC 4291 §2.5.5.2), in 16 bytes; it is the same address. */
function address(name: string, raw: Uint8Array): string {
  if (raw.length === 0) return "";
  const isMapped =
    raw.length === 16 && raw.subarray(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
  const parsed = addressFromBytes(isMapped ? raw.subarray(12) : raw);
  if (!parsed) throw bad(name, `an address of ${raw.length} bytes`);
  return formatAddress(parsed);
}

function versions(name: string, numbers: number[]): number[] {
  if (numbers.length !== 0 && numbers.length < 3) throw bad(name, "fewer than three versions");
  return numbers.slice(0, 6);
}

function bad(name: string, what: string): WireError {
  return new WireError("bad-field", `${name} is ${what}`);
}

/** Writes one map; optional fields that are empty are left out. */
export function writeFields(writer: MsgpackWriter, fields: readonly Field[], values: Fields): void {
  const present = fields.filter((field) => !field.isOptional || !isEmpty(values[field.key]));
  writer.map(present.length);
  for (const { wire, key, kind } of present) writeField(writer.text(wire), kind, values[key]);
}

const isEmpty = (value: unknown) => value === "" || value === 0 || value === undefined;

function writeField(writer: MsgpackWriter, kind: FieldKind, value: unknown): void {
  if (kind === "bool") writer.bool(value as boolean);
  else if (kind === "int") writer.int(value as number);
  else if (kind === "uint" || kind === "port") writer.uint(value as number);
  else if (kind === "state") writer.int(nodeStates.indexOf(value as (typeof nodeStates)[number]));
  else if (kind === "text") writer.text(value as string);
  else if (kind === "bytes") writeBytes(writer, value as Uint8Array);
  else if (kind === "versions") writeBytes(writer, Uint8Array.from(value as number[]));
  else writeBytes(writer, addressBytes(value as string));
}

/** An empty byte array is nil, as Go's. */
function writeBytes(writer: MsgpackWriter, value: Uint8Array): void {
  if (value.length === 0) writer.nil();
  else writer.raw(value);
}

function addressBytes(text: string): Uint8Array {
  const parsed = parseAddress(text);
  return parsed ? addressToBytes(parsed) : new Uint8Array(0);
}
