/**
 * Messages built from their parts, for tests that bend each part. What RFC 7606 makes of it is said here from the RFCs,
 * not taken from the attribute table.
 */
import { BgpError, type CodecContext, decodeMessage, type Message } from "./mod.ts";

export interface Part {
  code: number;
  flags: number;
  value: number[];
}

/** RFC 7606 §2: reset the session, treat as withdraw, discard the attribute. */
export type Action = "reset" | "withdraw" | "discard";

export interface Known {
  flags: number;
  value: number[];
  /** RFC 7606 §7, or the attribute's own RFC, on a value of a wrong length. */
  wrongLength: Action;
  /** Only from an internal peer: an external one must not send it, and it is discarded. */
  isInternal?: true;
  /** RFC 6793 §4.1: discarded between speakers of four-octet AS numbers, whatever it says. */
  isOld?: true;
}

export const asn = [0, 0, 0xfc, 1];
const four = [10, 0, 0, 1];
const hop6 = [0xfd, 0x99, ...new Array(13).fill(0), 3];
const prefix6 = [64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1];
const gone6 = [64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 2];

export const known: Record<number, Known> = {
  1: { flags: 0x40, value: [0], wrongLength: "withdraw" },
  2: { flags: 0x40, value: [2, 1, ...asn], wrongLength: "withdraw" },
  3: { flags: 0x40, value: four, wrongLength: "withdraw" },
  4: { flags: 0x80, value: [0, 0, 0, 9], wrongLength: "withdraw" },
  5: { flags: 0x40, value: [0, 0, 0, 100], wrongLength: "withdraw", isInternal: true },
  6: { flags: 0x40, value: [], wrongLength: "discard" },
  7: { flags: 0xc0, value: [...asn, ...four], wrongLength: "discard" },
  8: { flags: 0xc0, value: [0xfc, 1, 0, 7], wrongLength: "withdraw" },
  9: { flags: 0x80, value: four, wrongLength: "withdraw", isInternal: true },
  10: { flags: 0x80, value: four, wrongLength: "withdraw", isInternal: true },
  14: { flags: 0x80, value: [0, 2, 1, 16, ...hop6, 0, ...prefix6], wrongLength: "reset" },
  15: { flags: 0x80, value: [0, 2, 1, ...gone6], wrongLength: "reset" },
  16: { flags: 0xc0, value: [0, 2, ...asn, 0, 1], wrongLength: "withdraw" },
  17: { flags: 0xc0, value: [2, 1, ...asn], wrongLength: "discard", isOld: true },
  18: { flags: 0xc0, value: [...asn, ...four], wrongLength: "discard", isOld: true },
  25: { flags: 0xc0, value: [0, 2, ...hop6, 0, 1], wrongLength: "withdraw" },
  26: { flags: 0x80, value: [1, 0, 11, 0, 0, 0, 0, 0, 0, 0, 1], wrongLength: "discard" },
  32: { flags: 0xc0, value: [...asn, 0, 0, 0, 1, 0, 0, 0, 2], wrongLength: "withdraw" },
  35: { flags: 0xc0, value: asn, wrongLength: "withdraw" },
};
export const codes = Object.keys(known).map(Number);
export const mandatory = (isExternal: boolean) => (isExternal ? [1, 2, 3] : [1, 2, 3, 5]);

export const partOf = (code: number): Part => {
  const { flags = 0xc0, value = [] } = known[code] ?? {};
  return { code, flags, value: [...value] };
};

export const wide = (value: number) => [(value >> 8) & 0xff, value & 0xff];

export function bytesOf({ code, flags, value }: Part): number[] {
  const isLong = value.length > 255 || (flags & 0x10) !== 0;
  return [isLong ? flags | 0x10 : flags, code, ...(isLong ? wide(value.length) : [value.length]), ...value];
}

export function framed(type: number, body: readonly number[]): Uint8Array {
  return Uint8Array.from([...new Array(16).fill(0xff), ...wide(19 + body.length), type, ...body]);
}

/** Of every UPDATE that is made here: 10.1.2.0/24 and 172.16.0.0/16. */
const nlri = [24, 10, 1, 2, 16, 172, 16];
export function updateOf(parts: readonly Part[], withRoutes = nlri): Uint8Array {
  const attributes = parts.flatMap(bytesOf);
  return framed(2, [0, 0, ...wide(attributes.length), ...attributes, ...withRoutes]);
}

export function outcome(bytes: Uint8Array, context: CodecContext): Message | BgpError {
  try {
    return decodeMessage(bytes, context);
  } catch (error) {
    if (error instanceof BgpError) return error;
    throw error;
  }
}
