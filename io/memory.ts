import { type Pointer, ptr } from "bun:ffi";

/** A piece of memory that the kernel may be pointed at. */
export interface Region {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly pointer: Pointer;
}

/** Above the 1,000 bytes below which storage moves. */
const stableBytesMin = 1_024;

/**
 * One block of memory whose address never changes, from which regions are carved.
 *
 * Bun moves the storage of a typed array below 1,000 bytes when its `.buffer` is first touched, and an address taken
 * before goes stale. So all memory that C sees is carved from an ArrayBuffer that is large and touched beforehand.
 * The block must be reachable for as long as the kernel may use it; a region keeps it alive.
 */
export class MemoryBlock {
  readonly #buffer: ArrayBuffer;
  readonly #base: number;
  #used = 0;

  constructor(capacityBytes: number) {
    this.#buffer = new ArrayBuffer(Math.max(capacityBytes, stableBytesMin));
    this.#base = ptr(new Uint8Array(this.#buffer));
  }

  /** The next `length` bytes, zeroed, aligned to 8. */
  carve(length: number): Region {
    const at = this.#used;
    if (at + length > this.#buffer.byteLength)
      throw new RangeError(`Cannot carve ${length} bytes: ${this.#buffer.byteLength - at} are free`);
    this.#used = (at + length + 7) & ~7;
    return {
      bytes: new Uint8Array(this.#buffer, at, length),
      view: new DataView(this.#buffer, at, length),
      pointer: (this.#base + at) as Pointer,
    };
  }
}
