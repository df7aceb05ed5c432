import type { Reader, Writer } from "#core/bytes/mod.ts";
import { type Family, familyBits, maskAddress, type Prefix } from "#core/net/mod.ts";
import { bgpError } from "./error.ts";

/**
 * A prefix as NLRI and withdrawn routes carry it (RFC 4271 §4.3):
 *
 *   length in bits (1 octet) | as many octets of the address as the length needs; trailing bits mean nothing
 */
export function readPrefix(reader: Reader, family: Family): Prefix {
  const length = reader.u8();
  const bits = familyBits(family);
  if (length > bits) {
    throw bgpError(
      "UPDATE Message Error",
      "Invalid Network Field",
      `a prefix of ${length} bits; ${bits} is the longest`,
    );
  }
  const octets = (length + 7) >> 3;
  if (octets > reader.remaining) {
    throw bgpError(
      "UPDATE Message Error",
      "Invalid Network Field",
      `a prefix of ${length} bits needs ${octets} octets, ${reader.remaining} are left`,
    );
  }
  let value = 0n;
  for (let index = 0; index < octets; index++) value = (value << 8n) | BigInt(reader.u8());
  return maskAddress({ family, value: value << BigInt(bits - octets * 8) }, length);
}

export function readPrefixes(reader: Reader, family: Family): Prefix[] {
  const prefixes: Prefix[] = [];
  while (reader.remaining > 0) prefixes.push(readPrefix(reader, family));
  return prefixes;
}

/** The words of 32 bits of an IPv6 address: an operation on a bigint costs more than four octets to write. */
const wordShifts = [96n, 64n, 32n, 0n];

/** Octets that {@link writePrefix} takes. */
export function prefixFieldLength(prefix: Prefix): number {
  return 1 + ((prefix.length + 7) >> 3);
}

export function writePrefix(writer: Writer, prefix: Prefix): void {
  const { family, value } = prefix.address;
  writer.u8(prefix.length);
  if (prefix.length === 0) return;
  const octets = (prefix.length + 7) >> 3;
  if (family === "ipv4") {
    const number = Number(value);
    for (let shift = 24; shift > 24 - octets * 8; shift -= 8) writer.u8((number >>> shift) & 0xff);
  } else {
    let at = 0;
    for (const shift of wordShifts) {
      if (at >= octets) break;
      const word = Number((value >> shift) & 0xffffffffn);
      const taken = Math.min(octets - at, 4);
      if (taken === 4) writer.u32(word);
      else for (let octet = 1; octet <= taken; octet++) writer.u8((word >>> (32 - 8 * octet)) & 0xff);
      at += taken;
    }
  }
}
