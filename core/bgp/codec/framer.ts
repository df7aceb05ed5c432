import { bgpError } from "./error.ts";
import { headerLength, messageLengthMax, messageTypes } from "./header.ts";

/**
 * Cuts a TCP stream into whole messages (RFC 4271 §6.1). Each byte is copied at most once, however the stream is
 * chopped; a message that lies whole inside a chunk is a view of it, so use it before the next push.
 */
export class MessageFramer {
  /** The longest message taken, OPEN and KEEPALIVE apart; raise it where Extended Message was advertised. */
  lengthMax = messageLengthMax;
  /** The message begun by earlier chunks; it grows with what really arrived, not with what the length claims. */
  #partial = new Uint8Array(256);
  #held = 0;

  /** Octets of an unfinished message. */
  get pending(): number {
    return this.#held;
  }

  /** Gives every message that the chunk completes, header included; throws a BgpError with the header's fault. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    let at = 0;
    while (this.#held > 0 && at < chunk.length) {
      const wanted = this.#held < headerLength ? headerLength : this.#lengthOf(this.#partial, 0);
      const taken = chunk.subarray(at, at + wanted - this.#held);
      this.#hold(taken);
      at += taken.length;
      if (this.#held < headerLength) return;
      if (this.#held < this.#lengthOf(this.#partial, 0)) continue;
      const message = this.#partial.slice(0, this.#held);
      this.#held = 0;
      yield message;
    }
    while (chunk.length - at >= headerLength) {
      const length = this.#lengthOf(chunk, at);
      if (chunk.length - at < length) break;
      yield chunk.subarray(at, at + length);
      at += length;
    }
    if (at < chunk.length) this.#hold(chunk.subarray(at));
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#held + bytes.length;
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(Math.max(needed, this.#partial.length * 2));
      grown.set(this.#partial.subarray(0, this.#held));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#held);
    this.#held = needed;
  }

  /** Checks the header at `at` and gives the message's length. */
  #lengthOf(bytes: Uint8Array, at: number): number {
    for (let index = at; index < at + 16; index++) {
      if (bytes[index] !== 0xff) {
        throw bgpError(
          "Message Header Error",
          "Connection Not Synchronized",
          "the marker is not all ones: this is not BGP, or bytes were lost",
        );
      }
    }
    const length = ((bytes[at + 16] ?? 0) << 8) | (bytes[at + 17] ?? 0);
    const type = bytes[at + 18];
    // RFC 8654 §4: OPEN and KEEPALIVE never grow.
    const isFixed = type === messageTypes.OPEN.code || type === messageTypes.KEEPALIVE.code;
    const max = isFixed ? messageLengthMax : this.lengthMax;
    if (length < headerLength || length > max) {
      throw bgpError(
        "Message Header Error",
        "Bad Message Length",
        `a message of ${length} octets; allowed are ${headerLength} to ${max}`,
        bytes.slice(at + 16, at + 18),
      );
    }
    return length;
  }
}
