import { describe, expect, test } from "bun:test";
import { formatCount, formatDuration, formatElapsed, formatShare } from "./format.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("formatDuration()", () => {
  test.each([
    [-5, "0 s", "0초"],
    [999, "0 s", "0초"],
    [59_999, "59 s", "59초"],
    [minute, "1 min", "1분"],
    [hour - 1, "59 min", "59분"],
    [hour, "1 h", "1시간"],
    [3 * hour + 12 * minute, "3 h 12 min", "3시간 12분"],
    [day, "1 d", "1일"],
    [4 * day + 2 * hour, "4 d 2 h", "4일 2시간"],
  ])("%p ms: %p, %p", (ms, english, korean) => {
    expect(formatDuration("en", ms)).toBe(english);
    expect(formatDuration("ko", ms)).toBe(korean);
  });
});

test("formatElapsed() keeps the precision of what was measured", () => {
  expect(formatElapsed("en", 612.4)).toBe("612 ms");
  expect(formatElapsed("en", 1_240)).toBe("1.2 s");
  expect(formatElapsed("ko", 1_240)).toBe("1.2초");
  expect(formatElapsed("en", 90_000)).toBe("1 min");
});

describe("formatCount()", () => {
  test.each([
    ["0", "0"],
    ["65536", "65,536"],
    ["999999999", "999,999,999"],
    [String(2n ** 64n), "2⁶⁴"],
    [String(2n ** 64n + 1n), "≈2⁶⁴"],
    [String(2n ** 128n), "2¹²⁸"],
  ])("%p: %p", (decimal, text) => {
    expect(formatCount("en", decimal)).toBe(text);
  });
});

describe("formatShare()", () => {
  test.each([
    [0, "256", "0 %"],
    [1, "256", "<1 %"],
    [255, "256", "99 %"],
    [256, "256", "100 %"],
    [0, "0", "0 %"],
    [3, String(2n ** 64n), "<1 %"],
  ])("%p of %p: %p, so that 100 means full and 0 means empty", (used, total, text) => {
    expect(formatShare(used, total)).toBe(text);
  });
});
