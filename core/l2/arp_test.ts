import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type ArpFrame, decodeArp, encodeArp, ipv4Number, ipv4Text } from "./mod.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/[\s|]/g, ""), "hex"));

/** A request as a Linux host sends it, padded to 60 bytes by Ethernet. */
const request = hex(
  "ffffffffffff 0242ac110002 0806 | 0001 0800 06 04 0001 | 0242ac110002 c0a80105 000000000000 c0a801f0" +
    "000000000000000000000000000000000000",
);

const anyMac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":"));
const anyIpv4 = fc.integer({ min: 0, max: 0xffffffff });
const anyFrame: fc.Arbitrary<ArpFrame> = fc.record({
  destination: anyMac,
  source: anyMac,
  operation: fc.integer({ min: 0, max: 0xffff }),
  senderMac: anyMac,
  senderAddress: anyIpv4,
  targetMac: anyMac,
  targetAddress: anyIpv4,
  trailer: fc.uint8Array({ maxLength: 30 }),
});

describe("decodeArp()", () => {
  test("reads a request, its padding kept", () => {
    expect(decodeArp(request)).toEqual({
      destination: "ff:ff:ff:ff:ff:ff",
      source: "02:42:ac:11:00:02",
      operation: 1,
      senderMac: "02:42:ac:11:00:02",
      senderAddress: 0xc0a80105,
      targetMac: "00:00:00:00:00:00",
      targetAddress: 0xc0a801f0,
      trailer: new Uint8Array(18),
    });
  });

  test.each([
    ["nothing", new Uint8Array(0), "short"],
    ["one byte less than a packet", request.subarray(0, 41), "short"],
    ["another EtherType", request.with(12, 0x86).with(13, 0xdd), "not-arp"],
    ["another hardware type", request.with(15, 6), "not-ipv4-over-ethernet"],
    ["another protocol", request.with(17, 1), "not-ipv4-over-ethernet"],
    ["a hardware address of 8 bytes", request.with(18, 8), "not-ipv4-over-ethernet"],
    ["a protocol address of 16 bytes", request.with(19, 16), "not-ipv4-over-ethernet"],
  ])("refuses %s", (_, frame, fault) => expect(decodeArp(frame)).toBe(fault as "short"));

  test("reads back what encodeArp() wrote, unknown operations and trailers too", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeArp(encodeArp(frame))).toEqual(frame);
      }),
    );
  });

  test("never throws, and what it accepts is written back byte for byte", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .tuple(fc.nat({ max: request.length - 1 }), fc.nat({ max: 255 }))
        .map(([at, byte]) => request.with(at, byte)),
    );
    fc.assert(
      fc.property(bytes, (frame) => {
        const decoded = decodeArp(frame);
        if (typeof decoded !== "string") expect(encodeArp(decoded)).toEqual(frame);
      }),
    );
  });
});

test("ipv4Number() reads IPv4 text alone, and ipv4Text() writes it back", () => {
  expect(ipv4Number("255.255.255.255")).toBe(0xffffffff);
  expect(ipv4Text(0xc0a801f0)).toBe("192.168.1.240");
  expect(ipv4Number("2001:db8::1")).toBeUndefined();
  expect(ipv4Number("192.168.1.999")).toBeUndefined();
});
