import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addressFromBytes, addressToBytes, type IpAddress, parseAddress } from "#core/net/mod.ts";
import {
  decodeNdp,
  encodeNdp,
  type NdpFault,
  type NdpFrame,
  ndpFaults,
  ndpOffsets,
  solicitedNodeGroup,
  writeNdpChecksum,
} from "./mod.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/[\s|]/g, ""), "hex"));
const ip = (text: string) => parseAddress(text) as IpAddress;

/** What a Linux host sends when it looks for fd00:1::240. */
const solicitation = hex(
  "3333ff000240 020000000064 86dd | 60000000 0020 3a ff fd000001000000000000000000000100" +
    "ff0200000000000000000001ff000240 | 87 00 77b7 00000000 fd000001000000000000000000000240" +
    "01 01 020000000064",
);

const anyMac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":"));
const anyIpv6 = (range: { min: bigint; max: bigint }) =>
  fc.bigInt(range).map((value) => ({ family: "ipv6", value }) as const);
const unicast = anyIpv6({ min: 1n, max: (0xffn << 120n) - 1n });
const anyOption = fc.record({
  type: fc.nat({ max: 255 }),
  value: fc.integer({ min: 1, max: 5 }).chain((units) => {
    const length = units * 8 - 2;
    return fc.uint8Array({ minLength: length, maxLength: length });
  }),
});
const anyFrame: fc.Arbitrary<NdpFrame> = fc
  .record({
    destination: anyMac,
    source: anyMac,
    trafficClassAndFlow: fc.nat({ max: 0x0fffffff }),
    sourceAddress: unicast,
    destinationAddress: unicast,
    type: fc.constantFrom(135, 136),
    flags: fc.integer({ min: 0, max: 0xffffffff }),
    target: unicast,
    options: fc.array(anyOption, { maxLength: 5 }),
    trailer: fc.uint8Array({ maxLength: 30 }),
  })
  .map((frame) => frame as NdpFrame);

/** The frame with one byte set and its checksum made right again. */
function changed(at: number, byte: number, frame: Uint8Array = solicitation): Uint8Array {
  const bytes = frame.with(at, byte);
  writeNdpChecksum(bytes);
  return bytes;
}

function changedAll(at: number, bytes: Uint8Array, frame: Uint8Array = solicitation): Uint8Array {
  const copy = frame.slice();
  copy.set(bytes, at);
  writeNdpChecksum(copy);
  return copy;
}

const { version, payloadLength, nextHeader, hopLimit, type, code, checksum, flags, target, options } =
  ndpOffsets;
const unspecified = new Uint8Array(16);
const probe = (destination: Uint8Array, option: number) =>
  changedAll(
    ndpOffsets.sourceAddress,
    unspecified,
    changedAll(ndpOffsets.destinationAddress, destination, changed(options, option)),
  );
const group = solicitation.subarray(38, 54);
const vip = solicitation.subarray(62, 78);

describe("decodeNdp()", () => {
  test("reads a solicitation", () => {
    expect(decodeNdp(solicitation)).toEqual({
      destination: "33:33:ff:00:02:40",
      source: "02:00:00:00:00:64",
      trafficClassAndFlow: 0,
      sourceAddress: ip("fd00:1::100"),
      destinationAddress: ip("ff02::1:ff00:240"),
      type: 135,
      flags: 0,
      target: ip("fd00:1::240"),
      options: [{ type: 1, value: hex("020000000064") }],
      trailer: new Uint8Array(0),
    });
  });

  test.each<[string, Uint8Array, NdpFault]>([
    ["nothing", new Uint8Array(0), "short"],
    ["one byte less than a target", solicitation.subarray(0, 77), "short"],
    ["one byte less than the IPv6 packet says", solicitation.subarray(0, 85), "short"],
    ["another EtherType", solicitation.with(12, 0x08).with(13, 0x06), "not-ndp"],
    ["another version", changed(version, 0x40), "not-ndp"],
    ["another next header", changed(nextHeader, 17), "not-ndp"],
    ["an echo request", changed(type, 128), "not-ndp"],
    ["a router advertisement", changed(type, 134), "not-ndp"],
    ["hop limit 254", changed(hopLimit, 254), "hop-limit"],
    ["hop limit 64", changed(hopLimit, 64), "hop-limit"],
    ["code 1", changed(code, 1), "code"],
    ["23 bytes of ICMPv6", changed(payloadLength + 1, 23), "length"],
    ["half an option", changed(payloadLength + 1, 28), "option"],
    ["one byte of an option", changed(payloadLength + 1, 25), "option"],
    ["an option of length 0", changed(options + 1, 0), "option"],
    ["an option that goes beyond the message", changed(options + 1, 2), "option"],
    ["a wrong checksum", solicitation.with(checksum, 0), "checksum"],
    ["a bit that flipped", solicitation.with(target + 15, 0x41), "checksum"],
    ["a group as the target", changed(target, 0xff), "multicast-target"],
    ["a probe that is not sent to a solicited-node group", probe(vip, 3), "unspecified-source"],
    ["a probe that names its link-layer address", probe(group, 1), "unspecified-source"],
    ["a solicited advertisement to a group", changed(flags, 0x40, changed(type, 136)), "solicited-multicast"],
  ])("refuses %s", (_, frame, fault) => {
    expect(decodeNdp(frame)).toBe(fault);
    expect(ndpFaults[fault]).toBeString();
  });

  test("takes a probe, an advertisement to a group, options nobody knows, and a frame with padding", () => {
    for (const frame of [probe(group, 14), changed(type, 136), changed(options, 253)])
      expect(decodeNdp(frame)).toBeObject();
    expect(decodeNdp(Uint8Array.from([...solicitation, 1, 2]))).toMatchObject({ trailer: hex("0102") });
  });

  test("reads back what encodeNdp() wrote, unknown options, reserved bits and trailers too", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeNdp(encodeNdp(frame))).toEqual(frame);
      }),
    );
  });

  test("never throws, and what it accepts is written back byte for byte", () => {
    const mutated = fc
      .tuple(anyFrame, fc.nat({ max: 120 }), fc.nat({ max: 255 }), fc.boolean())
      .map(([frame, at, byte, isMended]) => {
        const bytes = encodeNdp(frame);
        bytes[at % bytes.length] = byte;
        if (isMended && bytes[payloadLength] === 0) writeNdpChecksum(bytes);
        return bytes.slice(0, encodeNdp(frame).length);
      });
    const cut = fc
      .tuple(anyFrame, fc.nat({ max: 120 }))
      .map(([frame, length]) => encodeNdp(frame).subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), mutated, cut), (frame) => {
        const decoded = decodeNdp(frame);
        if (typeof decoded !== "string") expect(encodeNdp(decoded)).toEqual(frame);
      }),
      { numRuns: 2_000 },
    );
  });

  test("no frame that was cut short is taken for a whole one", () => {
    for (let length = 0; length < solicitation.length; length++)
      expect(decodeNdp(solicitation.subarray(0, length))).toBe("short");
  });
});

test("solicitedNodeGroup() takes the last 24 bits, as in RFC 4291 §2.7.1's example", () => {
  const address = addressToBytes(ip("4037::1:800:200e:8c6c"));
  expect(addressFromBytes(solicitedNodeGroup(address))).toEqual(ip("ff02::1:ff0e:8c6c"));
});
