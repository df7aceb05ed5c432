import { Reader, ShortReadError, Writer } from "#core/bytes/mod.ts";
import { addressFromBytes, addressToBytes, familyBits, maskAddress, type Prefix } from "#core/net/mod.ts";
import type { SpeakerFacts } from "./types.ts";

/**
 * What a speaker says of itself, as bytes that ride on the ring's messages. Version 1, big-endian:
 *
 *      0       1       2               6       8       9
 *     +-------+-------+---------------+-------+-------+--- - - -
 *     |   1   | flags | stableSince   | flaps | count | interfaces
 *     +-------+-------+---------------+-------+-------+--- - - -
 *
 * flags: 1 isTruncated, 2 isAnswering. An interface: length and UTF-8 of its name, the count of its prefixes; a prefix:
 * 4 or 6, its length in bits, and as many bytes of the address as these bits need. What follows the interfaces is a
 * later speaker's and is passed over.
 */
const version = 1;
const flag = { isTruncated: 1, isAnswering: 2 } as const;
export const speakerFactsBytesMax = 1_000;
/** Linux: IFNAMSIZ, 16 with the closing zero. */
const nameBytesMax = 15;
const headBytes = 9;

/** `version`: of another format; `short`: ends too early; `name`, `prefix`: not what the format allows. */
export type SpeakerFactsFault = "version" | "too-long" | "short" | "name" | "prefix";

/** Interfaces and prefixes that do not fit any more are left out, and `isTruncated` says so. */
export function encodeSpeakerFacts(facts: SpeakerFacts): Uint8Array {
  const interfaces = new Writer(speakerFactsBytesMax - headBytes);
  let { isTruncated } = facts;
  let count = 0;
  for (const { name, connected } of facts.interfaces) {
    const nameBytes = new TextEncoder().encode(name);
    const prefixes = connected.slice(0, 255).map(prefixBytes);
    const head = 1 + nameBytes.length + 1;
    if (count === 255 || nameBytes.length > nameBytesMax || interfaces.free < head) {
      isTruncated = true;
      continue;
    }
    let left = interfaces.free - head;
    const fitting = prefixes.filter(({ length }) => {
      left -= length;
      return left >= 0;
    });
    if (fitting.length < connected.length) isTruncated = true;
    interfaces.u8(nameBytes.length).bytes(nameBytes).u8(fitting.length);
    for (const bytes of fitting) interfaces.bytes(bytes);
    count++;
  }
  return new Writer(headBytes + interfaces.length)
    .u8(version)
    .u8((isTruncated ? flag.isTruncated : 0) | (facts.isAnswering ? flag.isAnswering : 0))
    .u32(clamped(facts.stableSince, 0xffff_ffff))
    .u16(clamped(facts.flaps, 0xffff))
    .u8(count)
    .bytes(interfaces.finish())
    .finish();
}

export function decodeSpeakerFacts(bytes: Uint8Array): SpeakerFacts | SpeakerFactsFault {
  if (bytes.length > speakerFactsBytesMax) return "too-long";
  try {
    return read(new Reader(bytes));
  } catch (error) {
    if (error instanceof ShortReadError) return "short";
    throw error;
  }
}

function read(reader: Reader): SpeakerFacts | SpeakerFactsFault {
  if (reader.u8() !== version) return "version";
  const flags = reader.u8();
  const stableSince = reader.u32();
  const flaps = reader.u16();
  const interfaces: { name: string; connected: Prefix[] }[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    const name = readName(reader.bytes(reader.u8()));
    if (name === undefined) return "name";
    const connected: Prefix[] = [];
    for (let prefixes = reader.u8(); prefixes > 0; prefixes--) {
      const prefix = readPrefix(reader);
      if (!prefix) return "prefix";
      connected.push(prefix);
    }
    interfaces.push({ name, connected });
  }
  return {
    interfaces,
    isTruncated: (flags & flag.isTruncated) !== 0,
    stableSince,
    flaps,
    isAnswering: (flags & flag.isAnswering) !== 0,
  };
}

function readName(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > nameBytesMax) return undefined;
  const name = new TextDecoder().decode(bytes);
  return name.includes("\ufffd") ? undefined : name;
}

function readPrefix(reader: Reader): Prefix | undefined {
  const family = reader.u8();
  const length = reader.u8();
  if ((family !== 4 && family !== 6) || length > (family === 4 ? 32 : 128)) return undefined;
  const whole = new Uint8Array(family === 4 ? 4 : 16);
  whole.set(reader.bytes(Math.ceil(length / 8)));
  const address = addressFromBytes(whole);
  return address && maskAddress(address, length);
}

function prefixBytes({ address, length }: Prefix): Uint8Array {
  const bytes = addressToBytes(maskAddress(address, length).address).subarray(0, Math.ceil(length / 8));
  return new Writer(2 + bytes.length)
    .u8(familyBits(address.family) === 32 ? 4 : 6)
    .u8(length)
    .bytes(bytes)
    .finish();
}

function clamped(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.floor(value)));
}
