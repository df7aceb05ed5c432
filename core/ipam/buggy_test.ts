import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseAddress } from "#core/net/mod.ts";
import { countBuggy, isBuggy } from "./buggy.ts";

describe("avoidBuggyIPs", () => {
  test.each([
    ["10.0.0.0", true],
    ["10.0.0.255", true],
    ["10.0.0.1", false],
    ["10.255.0.254", false],
    ["2001:db8::", false],
    ["2001:db8::ff", false],
  ])("isBuggy(%s) is %p", (text, expected) => {
    const address = parseAddress(text);
    expect(address && isBuggy(address)).toBe(expected);
  });

  test("countBuggy() counts what a walk would", () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), fc.nat(3), (offset, length, octet) => {
        const start = BigInt(octet) * 65536n + BigInt(offset);
        const at = (value: bigint) => ({ family: "ipv4" as const, value });
        let expected = 0n;
        for (let value = start; value <= start + BigInt(length); value++) if (isBuggy(at(value))) expected++;
        expect(countBuggy({ first: at(start), last: at(start + BigInt(length)) })).toBe(expected);
      }),
    );
  });
});
