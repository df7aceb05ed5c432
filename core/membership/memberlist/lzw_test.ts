import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { WireError } from "./fault.ts";
import { lzwDecode, lzwEncode } from "./lzw.ts";

/** The input of the rows below: Numerical Recipes' generator, two bytes of three kept small so that words repeat. */
function input(length: number): Uint8Array {
  let x = 1;
  return Uint8Array.from({ length }, (_, at) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return at % 3 === 0 ? x >>> 24 : (x >>> 24) & 7;
  });
}

/** Length and SHA-256 of what Go's compress/lzw (LSB, 8 bits) makes of it. */
test.each([
  [0, 3, "ca175b7b97e4180ff4b1dc13271f897a7d711d6da53ddd112d60bf4ac100e23e"],
  [1, 4, "f91c5c4e5b30ee7d0897af3337154ff872a09bbdbfc61c19f25a4d8b57ce4a52"],
  [2, 5, "618c34e1b26a4b64a616cefa4641b581486a6a53de67b2a1d7e00bc5de51a53c"],
  [255, 245, "76e6ed5d1dc634b41c29bdef3ac226c4e807cb9082ecac4f0cdccad9bbd9f2af"],
  [256, 246, "ae4ab500274e5e0d725fcc5ca61c249d0d337797047dc848021ea715d5bba022"],
  [4095, 3680, "65000fb798538aacf3af280173001bd01a982be86f0e314fa64cf45dba976081"],
  [5000, 4508, "f23d2864909d23d3da0a2063348df30676651eca2b0b20f03f3609d906dcefe6"],
  [200_000, 181_663, "4db4605971a41f57988855ba3351043e348e040520e429a5f1cdff626b9d2126"],
])("lzwEncode() of %i bytes gives Go's own %i bytes, and lzwDecode() the input", (length, bytes, digest) => {
  const encoded = lzwEncode(input(length));
  expect(encoded.length).toBe(bytes);
  expect(createHash("sha256").update(encoded).digest("hex")).toBe(digest);
  expect(Buffer.from(lzwDecode(encoded, length)).equals(Buffer.from(input(length)))).toBe(true);
});

test("lzwDecode() gives back whatever was encoded, runs of one byte included", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 900 }))), (runs) => {
      const bytes = Uint8Array.from(runs.flatMap(([byte, length]) => Array<number>(length).fill(byte)));
      expect(Buffer.from(lzwDecode(lzwEncode(bytes), bytes.length)).equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});

test("lzwDecode() stops at its limit: 3 kB of LZW would be a megabyte", () => {
  const encoded = lzwEncode(new Uint8Array(1_000_000));
  expect(encoded.length).toBeLessThan(3000);
  expect(() => lzwDecode(encoded, 999_999)).toThrow(WireError);
  expect(lzwDecode(encoded, 1_000_000).length).toBe(1_000_000);
});

test("lzwDecode() refuses what is cut off and what is not LZW, and throws nothing else", () => {
  const encoded = lzwEncode(input(300));
  for (let length = 0; length < encoded.length - 1; length++)
    expect(() => lzwDecode(encoded.subarray(0, length), 1000)).toThrow(WireError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(lzwDecode(bytes, 5000).length).toBeLessThanOrEqual(5000);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});
