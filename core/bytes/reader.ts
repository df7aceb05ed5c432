/** A read past the end of the message: the peer's bytes are short. Each protocol maps it to its own error code. */
export class ShortReadError extends Error {
  constructor(
    readonly wanted: number,
    readonly remaining: number,
  ) {
    super(`Cannot read ${wanted} bytes: ${remaining} remain`);
    this.name = "ShortReadError";
  }
}

/** Reads big-endian fields from a byte array and never past its end: a short read throws {@link ShortReadError}. */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#end = Math.min(end, bytes.length);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    const at = this.#take(1);
    return this.#bytes[at] as number;
  }

  u16(): number {
    const at = this.#take(2);
    const b = this.#bytes;
    return ((b[at] as number) << 8) | (b[at + 1] as number);
  }

  u32(): number {
    const at = this.#take(4);
    const b = this.#bytes;
    return (
      (((b[at] as number) << 24) |
        ((b[at + 1] as number) << 16) |
        ((b[at + 2] as number) << 8) |
        (b[at + 3] as number)) >>>
      0
    );
  }

  /** A view of the next `length` bytes; it shares memory with the message. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A reader over the next `length` bytes only. */
  sub(length: number): Reader {
    const at = this.#take(length);
    return new Reader(this.#bytes, at, at + length);
  }

  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  #take(length: number): number {
    if (length < 0 || length > this.remaining) throw new ShortReadError(length, this.remaining);
    const at = this.#offset;
    this.#offset += length;
    return at;
  }
}
