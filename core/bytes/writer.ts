/** Writes big-endian fields into a buffer of fixed capacity; writing past it is a bug of ours and throws. */
export class Writer {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#offset;
  }

  get free(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(value: number): this {
    this.#bytes[this.#claim(1)] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#claim(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.#claim(4);
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#claim(value.length));
    return this;
  }

  /** Overwrites a 16-bit field that was reserved earlier, such as a length. */
  patchU16(at: number, value: number): void {
    if (at < 0 || at + 2 > this.#offset)
      throw new RangeError(`Cannot patch 2 bytes at ${at} of ${this.#offset}`);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#offset);
  }

  #claim(length: number): number {
    if (length > this.free)
      throw new RangeError(`Cannot write ${length} bytes: ${this.free} of ${this.#bytes.length} are free`);
    const at = this.#offset;
    this.#offset += length;
    return at;
  }
}
