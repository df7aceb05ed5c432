import { createCipheriv, createDecipheriv, randomFillSync } from "node:crypto";
import type { Cipher } from "#core/membership/memberlist/mod.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** AES-GCM (NIST SP 800-38D) with a random nonce for each message. A key of 16, 24 or 32 bytes. */
export class AesGcm implements Cipher {
  readonly #key: Uint8Array;
  readonly #algorithm: "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm";

  constructor(key: Uint8Array) {
    if (![16, 24, 32].includes(key.length))
      throw new RangeError(`An AES key has 16, 24 or 32 bytes, not ${key.length}`);
    this.#key = key;
    this.#algorithm = `aes-${(key.length * 8) as 128 | 192 | 256}-gcm`;
  }

  seal(plain: Uint8Array, associated: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(nonceBytes + plain.length + tagBytes);
    const nonce = randomFillSync(sealed.subarray(0, nonceBytes));
    const cipher = createCipheriv(this.#algorithm, this.#key, nonce).setAAD(associated);
    sealed.set(cipher.update(plain), nonceBytes);
    cipher.final();
    sealed.set(cipher.getAuthTag(), nonceBytes + plain.length);
    return sealed;
  }

  open(sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
    if (sealed.length < nonceBytes + tagBytes) return undefined;
    const nonce = sealed.subarray(0, nonceBytes);
    const decipher = createDecipheriv(this.#algorithm, this.#key, nonce).setAAD(associated);
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    try {
      const plain = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
      decipher.final();
      return new Uint8Array(plain);
    } catch {
      return undefined;
    }
  }
}
