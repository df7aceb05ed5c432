import type { Reader } from "#core/bytes/mod.ts";
import { WireError } from "./fault.ts";

/**
 * AES-GCM with a fresh random 12-byte nonce for each message, synchronous. Core has no cryptography of its own: the
 * edge brings it. Both give and take `nonce ‖ ciphertext ‖ tag of 16 bytes`.
 */
export interface Cipher {
  seal(plain: Uint8Array, associated: Uint8Array): Uint8Array;
  /** Undefined: made with another key, or changed on its way. */
  open(sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined;
}

/** 0 pads as PKCS #7 to blocks of 16 bytes, 1 does not; protocol version 1 sends 0, later ones 1. */
export type EncryptionVersion = 0 | 1;

const nonceAndTagBytes = 28;
const blockBytes = 16;
/** What encryption adds to a datagram with {@link EncryptionVersion} 1. */
export const encryptionOverheadBytes = 1 + nonceAndTagBytes;

/** version u8 | nonce 12 | ciphertext | tag 16 */
export function encrypt(
  cipher: Cipher,
  plain: Uint8Array,
  associated: Uint8Array,
  version: EncryptionVersion = 1,
): Uint8Array {
  const sealed = cipher.seal(version === 0 ? pad(plain) : plain, associated);
  const framed = new Uint8Array(1 + sealed.length);
  framed[0] = version;
  framed.set(sealed, 1);
  return framed;
}

/** Its length is known before it is made, because the length of a stream's message is itself authenticated. */
export function encryptedBytes(plainBytes: number, version: EncryptionVersion = 1): number {
  const padding = version === 0 ? blockBytes - (plainBytes % blockBytes) : 0;
  return encryptionOverheadBytes + plainBytes + padding;
}

export function decrypt(cipher: Cipher, reader: Reader, associated: Uint8Array): Uint8Array {
  const version = reader.u8();
  if (version > 1) throw new WireError("unsupported-encryption", `encryption version ${version}`);
  if (reader.remaining < nonceAndTagBytes + (version === 0 ? blockBytes : 0))
    throw new WireError("short", `an encrypted message of ${reader.remaining + 1} bytes`);
  const plain = cipher.open(reader.rest(), associated);
  if (!plain) throw new WireError("cannot-decrypt", "made with another key, or changed on its way");
  return version === 0 ? unpad(plain) : plain;
}

/** PKCS #7 (RFC 5652 §6.3): as many bytes as are missing, each with that number; a whole block where none is missing. */
function pad(plain: Uint8Array): Uint8Array {
  const more = blockBytes - (plain.length % blockBytes);
  const padded = new Uint8Array(plain.length + more).fill(more);
  padded.set(plain);
  return padded;
}

function unpad(padded: Uint8Array): Uint8Array {
  const more = padded.at(-1) ?? 0;
  if (more === 0 || more > blockBytes || more > padded.length)
    throw new WireError("cannot-decrypt", "the padding of an encrypted message is wrong");
  return padded.subarray(0, padded.length - more);
}
