import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Bench } from "./fixtures.ts";
import { sessionStates } from "./names_table.ts";
import { decodeControlPacket, encodeControlPacket } from "./packet.ts";
import { receiveControlPacket } from "./reception.ts";

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u8 = fc.integer({ min: 0, max: 255 });

const anyPacket = fc.record({
  version: fc.integer({ min: 0, max: 7 }),
  diag: fc.integer({ min: 0, max: 31 }),
  state: fc.constantFrom(...sessionStates),
  poll: fc.boolean(),
  final: fc.boolean(),
  controlPlaneIndependent: fc.boolean(),
  authenticationPresent: fc.boolean(),
  demand: fc.boolean(),
  multipoint: fc.boolean(),
  detectMult: u8,
  length: u8,
  myDiscriminator: u32,
  yourDiscriminator: u32,
  desiredMinTxInterval: u32,
  requiredMinRxInterval: u32,
  requiredMinEchoRxInterval: u32,
});

describe("the BFD Control packet (RFC 5880 §4.1)", () => {
  test("the bytes of a packet with every field set apart", () => {
    const packet = {
      version: 1,
      diag: 3,
      state: "Up",
      poll: true,
      final: false,
      controlPlaneIndependent: true,
      authenticationPresent: false,
      demand: true,
      multipoint: false,
      detectMult: 5,
      length: 24,
      myDiscriminator: 0x01020304,
      yourDiscriminator: 0x05060708,
      desiredMinTxInterval: 300_000,
      requiredMinRxInterval: 50_000,
      requiredMinEchoRxInterval: 10_000,
    } as const;
    const hex = "23ea05180102030405060708000493e00000c35000002710";
    expect(encodeControlPacket(packet).toHex()).toBe(hex);
    expect(decodeControlPacket(Uint8Array.fromHex(hex))).toEqual(packet);
  });

  test("reads what it wrote, right or wrong", () => {
    fc.assert(
      fc.property(anyPacket, (packet) =>
        expect(decodeControlPacket(encodeControlPacket(packet))).toEqual(packet),
      ),
    );
  });

  test("names the type of an authentication section", () => {
    const bytes = Uint8Array.fromHex("20c4031c0000000700000001000f4240000f424000000000" + "02040100");
    expect(decodeControlPacket(bytes)).toMatchObject({ authenticationPresent: true, authType: 2 });
  });

  test("any bytes are a packet or a reason, and no accepted packet breaks a session", () => {
    const whole = anyPacket.map(encodeControlPacket);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      whole,
      // Structure-aware: a good packet with a byte changed, cut or prolonged.
      fc
        .tuple(whole, fc.integer({ min: 0, max: 23 }), u8, fc.uint8Array({ maxLength: 40 }))
        .map(([good, at, value, more]) => {
          const bent = Uint8Array.of(...good, ...more);
          bent[0] = 0x20;
          bent[at] = value;
          return bent;
        }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, u8), { maxLength: 20 }), (arrivals) => {
        const bench = new Bench();
        for (const [payload, ttl] of arrivals) {
          const session = { minimumTtl: 255 };
          const received = receiveControlPacket(
            { payload, ttl, portMinimumTtl: 255 },
            { byDiscriminator: () => session, bySender: () => session },
          );
          if ("packet" in received && "session" in received && !("discarded" in received))
            bench.apply({ type: "packet", packet: received.packet });
          for (const sent of bench.sent())
            expect(sent).toMatchObject({ version: 1, length: 24, multipoint: false });
        }
      }),
      { numRuns: 300 },
    );
  });
});
