/**
 * Bounded reading and writing of big-endian bytes, assertions, the Internet checksum, and SHA-256.
 *
 * ```ts
 * const frame = new Writer(8).u16(0x0806).u32(1).finish();
 * new Reader(frame).u16(); // 0x0806
 * ```
 */
export { assert } from "./assert.ts";
export { addToChecksum, foldChecksum } from "./internet_checksum.ts";
export { Reader, ShortReadError } from "./reader.ts";
export { sha256 } from "./sha256.ts";
export { Writer } from "./writer.ts";
