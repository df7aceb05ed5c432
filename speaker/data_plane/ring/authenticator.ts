import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA-256 (RFC 2104), whole. */
export const authenticatorBytes = 32;

/** Proves that a datagram was made by a holder of the key: its last 32 bytes are the HMAC of what stands before them. */
export class Authenticator {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Writes payload and proof into `into`, and gives their length. */
  seal(payload: Uint8Array, into: Uint8Array): number {
    into.set(payload);
    into.set(this.#hmac(payload), payload.length);
    return payload.length + authenticatorBytes;
  }

  /** The payload; undefined where the proof is missing or another key made it. */
  open(datagram: Uint8Array): Uint8Array | undefined {
    const length = datagram.length - authenticatorBytes;
    if (length < 0) return undefined;
    const payload = datagram.subarray(0, length);
    return timingSafeEqual(this.#hmac(payload), datagram.subarray(length)) ? payload : undefined;
  }

  #hmac(payload: Uint8Array): Uint8Array {
    return createHmac("sha256", this.#key).update(payload).digest();
  }
}
