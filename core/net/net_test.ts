import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addressFromBytes,
  addressToBytes,
  familyBits,
  formatAddress,
  formatPrefix,
  formatRange,
  type IpAddress,
  macFromBytes,
  macToBytes,
  parseAddress,
  parseMac,
  parsePrefix,
  prefixToRange,
  rangeSize,
  rangeToPrefixes,
} from "./mod.ts";

const anyAddress: fc.Arbitrary<IpAddress> = fc.oneof(
  fc.bigInt(0n, 2n ** 32n - 1n).map((value) => ({ family: "ipv4" as const, value })),
  fc.bigInt(0n, 2n ** 128n - 1n).map((value) => ({ family: "ipv6" as const, value })),
);

describe("parseAddress()", () => {
  test.each([
    ["192.168.1.240", "192.168.1.240"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["fe80::0202:b3ff:fe1e:8329", "fe80::202:b3ff:fe1e:8329"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ])("reads %s as %s (RFC 5952)", (text, canonical) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(canonical);
  });

  test.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.1.1.1",
    "1.2.3.4/24",
    ":::",
    "1::2::3",
    "fe80::1%eth0",
    "12345::",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
  ])("refuses %p", (text) => expect(parseAddress(text)).toBeUndefined());

  test("reads back what formatAddress() wrote, and so do bytes", () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
        expect(addressFromBytes(addressToBytes(address))).toEqual(address);
      }),
    );
  });
});

test("parsePrefix() zeroes host bits and refuses a length beyond the family", () => {
  expect(formatPrefix(parsePrefix("192.168.10.100/24") ?? fail())).toBe("192.168.10.0/24");
  expect(parsePrefix("192.168.10.0/33")).toBeUndefined();
  expect(parsePrefix("192.168.10.0")).toBeUndefined();
  expect(parsePrefix("2001:db8::/129")).toBeUndefined();
});

test("rangeToPrefixes() covers exactly the range with disjoint prefixes", () => {
  fc.assert(
    fc.property(anyAddress, fc.bigInt(0n, 5000n), (first, size) => {
      const top = (1n << BigInt(familyBits(first.family))) - 1n;
      const last = { ...first, value: first.value + size > top ? top : first.value + size };
      const parts = rangeToPrefixes({ first, last }).map(prefixToRange);
      expect(parts[0]?.first).toEqual(first);
      expect(parts.at(-1)?.last).toEqual(last);
      expect(parts.reduce((sum, part) => sum + rangeSize(part), 0n)).toBe(rangeSize({ first, last }));
      for (const [index, part] of parts.slice(1).entries()) {
        expect(part.first.value).toBe((parts[index]?.last.value ?? 0n) + 1n);
      }
    }),
  );
});

test("formatRange() writes a prefix where the range is one", () => {
  const range = (first: string, last: string) => ({
    first: parseAddress(first) ?? fail(),
    last: parseAddress(last) ?? fail(),
  });
  expect(formatRange(range("10.0.0.0", "10.0.0.255"))).toBe("10.0.0.0/24");
  expect(formatRange(range("192.168.1.240", "192.168.1.250"))).toBe("192.168.1.240-192.168.1.250");
});

test("parseMac() normalises case and round-trips through bytes", () => {
  expect(parseMac("02:42:AC:11:00:02")).toBe("02:42:ac:11:00:02");
  expect(macFromBytes(macToBytes("02:42:ac:11:00:02"))).toBe("02:42:ac:11:00:02");
  expect(parseMac("02-42-ac-11-00-02")).toBeUndefined();
});

function fail(): never {
  throw new Error("The test's own input does not parse");
}
