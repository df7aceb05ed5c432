import { expect, test } from "bun:test";
import { addToChecksum, foldChecksum } from "./mod.ts";

test("the sum of RFC 1071 §3's example is 0xddf2, in one piece or in two", () => {
  const bytes = Uint8Array.from([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
  expect(foldChecksum(addToChecksum(0, bytes, 0, 8))).toBe(0xddf2);
  expect(foldChecksum(addToChecksum(addToChecksum(0, bytes, 0, 4), bytes, 4, 8))).toBe(0xddf2);
});

test("an odd last byte counts as the upper half of a word", () => {
  const bytes = Uint8Array.from([0x12, 0x34, 0x56]);
  expect(addToChecksum(0, bytes, 0, 3)).toBe(0x1234 + 0x5600);
  expect(addToChecksum(0, bytes, 1, 1)).toBe(0);
});

test("a carry out of the fold is folded too", () => {
  expect(foldChecksum(0x1_ffff)).toBe(1);
  expect(foldChecksum(0xffff)).toBe(0xffff);
});
