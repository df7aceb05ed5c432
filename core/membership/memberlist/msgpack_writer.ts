/**
 * Writes the old MessagePack dialect as go-msgpack does: shortest form, strings and bytes alike as "raw", a Go `int`
 * above 127 in the signed types, an absent byte array as nil. Grows as needed; what is written is our own and small.
 */
export class MsgpackWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Bytes outside any value, such as a message type. */
  byte(value: number): this {
    this.#room(1)[this.#length++] = value;
    return this;
  }

  append(value: Uint8Array): this {
    this.#room(value.length).set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  map(entries: number): this {
    return this.byte(0x80 | entries);
  }

  nil(): this {
    return this.byte(0xc0);
  }

  bool(value: boolean): this {
    return this.byte(value ? 0xc3 : 0xc2);
  }

  uint(value: number): this {
    if (value <= 0x7f) return this.byte(value);
    if (value <= 0xff) return this.byte(0xcc).byte(value);
    return value <= 0xffff ? this.byte(0xcd).u16(value) : this.byte(0xce).u32(value);
  }

  int(value: number): this {
    if (value <= 0x7f) return this.byte(value);
    return value <= 0x7fff ? this.byte(0xd1).u16(value) : this.byte(0xd2).u32(value);
  }

  raw(value: Uint8Array): this {
    const { length } = value;
    if (length < 32) this.byte(0xa0 | length);
    else if (length <= 0xffff) this.byte(0xda).u16(length);
    else this.byte(0xdb).u32(length);
    return this.append(value);
  }

  text(value: string): this {
    return this.raw(encoder.encode(value));
  }

  u16(value: number): this {
    return this.byte(value >>> 8).byte(value & 0xff);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(more: number): Uint8Array {
    const wanted = this.#length + more;
    if (wanted > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}

const encoder = new TextEncoder();
