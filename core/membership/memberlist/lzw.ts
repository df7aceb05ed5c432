import { WireError } from "./fault.ts";

const clearCode = 256;
const endCode = 257;
const widthMin = 9;
const widthMax = 12;
const codesMax = 1 << widthMax;

/**
 * LZW as Go's `compress/lzw` writes it with order LSB and 8-bit literals (GIF's variant): 9 to 12 bit codes, 256 clears
 * the table, 257 ends. The bytes are Go's own, to the bit.
 */
export function lzwEncode(bytes: Uint8Array): Uint8Array {
  const out = new BitWriter();
  const table = new Map<number, number>();
  let [width, last] = [widthMin, endCode];
  out.write(clearCode, width);
  let prefix = -1;
  for (const byte of bytes) {
    if (prefix === -1) {
      prefix = byte;
      continue;
    }
    const key = (prefix << 8) | byte;
    const known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    out.write(prefix, width);
    prefix = byte;
    last++;
    if (last === 1 << width) width++;
    if (last === codesMax - 1) {
      out.write(clearCode, widthMax);
      table.clear();
      [width, last] = [widthMin, endCode];
    } else table.set(key, last);
  }
  if (prefix !== -1) {
    out.write(prefix, width);
    last++;
    if (last === 1 << width) width++;
    if (last === codesMax - 1) {
      out.write(clearCode, widthMax);
      width = widthMin;
    }
  }
  out.write(endCode, width);
  return out.finish();
}

/**
 * A code's word is that of its prefix and one byte more. Scratch, kept only to spare an allocation for each datagram:
 * a code is read only after the same message defined it, and the first 256 never change.
 */
const prefixOf = new Uint16Array(codesMax);
const suffixOf = Uint8Array.from({ length: codesMax }, (_, code) => code);
const lengthOf = new Uint16Array(codesMax).fill(1, 0, 256);

/** At most `bytesMax` come out: a few kilobytes of LZW can unfold to megabytes. */
export function lzwDecode(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const input = new BitReader(bytes);
  const out = new Output(bytesMax);
  let [width, next, last] = [widthMin, endCode + 1, -1];
  for (;;) {
    const code = input.read(width);
    if (code === endCode) return out.finish();
    if (code === clearCode) {
      [width, next, last] = [widthMin, endCode + 1, -1];
      continue;
    }
    const isNew = code === next && last !== -1;
    if (code > next || (code === next && !isNew) || (last === -1 && code > 255))
      throw new WireError("bad-compression", `LZW code ${code} before it was defined`);
    // A code that is not there yet is the last word and its own first byte (KwKwK).
    const word = isNew ? last : code;
    const length = lengthOf[word] as number;
    const start = out.claim(length + (isNew ? 1 : 0));
    let at = start + length - 1;
    let step = word;
    for (; at > start; at--) {
      out.bytes[at] = suffixOf[step] as number;
      step = prefixOf[step] as number;
    }
    const first = suffixOf[step] as number;
    out.bytes[start] = first;
    if (isNew) out.bytes[start + length] = first;
    if (last !== -1 && next < codesMax) {
      prefixOf[next] = last;
      suffixOf[next] = first;
      lengthOf[next] = (lengthOf[last] as number) + 1;
      next++;
    }
    last = code;
    // The encoder is one code ahead of its reader.
    if (next + 1 > 1 << width && width < widthMax) width++;
  }
}

class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;
  #count = 0;

  write(code: number, width: number): void {
    this.#bits |= code << this.#count;
    this.#count += width;
    for (; this.#count >= 8; this.#count -= 8) {
      this.#bytes.push(this.#bits & 0xff);
      this.#bits >>>= 8;
    }
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.#bytes.push(this.#bits & 0xff);
    return Uint8Array.from(this.#bytes);
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(width: number): number {
    for (; this.#count < width; this.#count += 8) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new WireError("bad-compression", "LZW data that is cut off");
      this.#bits |= byte << this.#count;
    }
    const code = this.#bits & ((1 << width) - 1);
    this.#bits >>>= width;
    this.#count -= width;
    return code;
  }
}

class Output {
  bytes = new Uint8Array(1024);
  readonly #max: number;
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  claim(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#max)
      throw new WireError("too-large", `LZW data of more than ${this.#max} bytes`);
    if (this.#length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    return start;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.#length);
  }
}
