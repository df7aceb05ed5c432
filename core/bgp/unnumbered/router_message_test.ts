import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatAddress, parseAddress } from "#core/net/mod.ts";
import { readRouterMessage, routerAdvertisement, routerSolicitation } from "./mod.ts";

const end = {
  mac: Uint8Array.fromHex("02429e000008"),
  address: parseAddress("fe80::42:9eff:fe00:8") ?? expect.unreachable(),
};
const advertisement = routerAdvertisement(end);

describe("routerAdvertisement() (RFC 4861 §4.2)", () => {
  test("is an ICMPv6 message to all nodes that makes nobody a default router", () => {
    const hex = advertisement.toHex();
    expect(hex.slice(0, 28)).toBe(`333300000001${"02429e000008"}86dd`);
    expect(hex.slice(28, 44)).toBe("6000000000183aff");
    expect(hex.slice(44, 108)).toBe(`fe8000000000000000429efffe000008${"ff020000000000000000000000000001"}`);
    // Type and code; then unspecified hop limit, no flag, lifetime 0, both timers unspecified; source link-layer address.
    expect(hex.slice(108, 112)).toBe("8600");
    expect(hex.slice(116)).toBe(`${"00000000".repeat(3)}0101${"02429e000008"}`);
  });

  test("is read back, and so is a solicitation", () => {
    const read = (frame: Uint8Array) => {
      const { type, source } = readRouterMessage(frame) ?? expect.unreachable();
      return `${type} ${formatAddress(source)}`;
    };
    expect(read(advertisement)).toBe("advertisement fe80::42:9eff:fe00:8");
    expect(read(routerSolicitation(end))).toBe("solicitation fe80::42:9eff:fe00:8");
  });
});

describe("readRouterMessage() (RFC 4861 §6.1.2)", () => {
  const changed = (change: (bytes: Uint8Array) => void) => {
    const bytes = advertisement.slice();
    change(bytes);
    return bytes;
  };
  test.each([
    ["a hop limit that says it crossed a router", changed((bytes) => bytes.set([254], 21))],
    ["another code than 0", changed((bytes) => bytes.set([1], 55))],
    ["a wrong checksum", changed((bytes) => bytes.set([bytes[60] === 0 ? 1 : 0], 60))],
    ["another protocol", changed((bytes) => bytes.set([17], 20))],
    ["another ICMPv6 type", changed((bytes) => bytes.set([135], 54))],
    ["another EtherType", changed((bytes) => bytes.set([0x08, 0x00], 12))],
    ["a frame that ends too early", advertisement.subarray(0, 77)],
    [
      "a source that is not link-local",
      routerAdvertisement({ ...end, address: parseAddress("2001:db8::1") ?? end.address }),
    ],
  ])("refuses %s", (_, bytes) => {
    expect(readRouterMessage(bytes)).toBeUndefined();
  });

  test("refuses an option of length zero, and one that overruns the message, with checksums that are right", () => {
    for (const length of [0, 2]) {
      const bytes = advertisement.slice();
      const before = bytes[71] ?? 0;
      bytes[71] = length;
      const view = new DataView(bytes.buffer);
      // RFC 1624: the checksum follows the word that changed.
      let sum = (~view.getUint16(56) & 0xffff) + (~((1 << 8) | before) & 0xffff) + ((1 << 8) | length);
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      view.setUint16(56, ~sum & 0xffff);
      expect(readRouterMessage(bytes)).toBeUndefined();
    }
  });

  test("reads or refuses whatever comes, and never throws", () => {
    const mutated = fc
      .tuple(fc.nat(advertisement.length - 1), fc.nat(255), fc.nat(advertisement.length))
      .map(([at, value, length]) => changed((bytes) => bytes.set([value], at)).subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        readRouterMessage(bytes);
      }),
    );
  });
});
