import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat } from "./mod.ts";

const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const anyHeartbeat: fc.Arbitrary<Heartbeat> = fc.record({
  kind: fc.constantFrom("beat", "leave"),
  node: fc.stringMatching(/^[a-z0-9.-]{1,253}$/),
  boot: u48,
  receiverBoot: u48,
  sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  sentAt: u48,
});
const beat: Heartbeat = {
  kind: "beat",
  node: "node1",
  boot: 0x010203040506,
  receiverBoot: 0x0a0b0c0d0e0f,
  sequence: 7,
  sentAt: 0x019b00000001,
};
const bytes = encodeHeartbeat(beat);

describe("decodeHeartbeat()", () => {
  test("reads the layout that is written down", () => {
    expect(Buffer.from(bytes).toString("hex")).toBe(
      "6d6c0101" + "010203040506" + "0a0b0c0d0e0f" + "00000007" + "0000019b00000001" + "056e6f646531",
    );
    expect(decodeHeartbeat(bytes)).toEqual(beat);
  });

  test("reads back what encodeHeartbeat() wrote, and leaves alone what follows", () => {
    fc.assert(
      fc.property(anyHeartbeat, fc.uint8Array({ maxLength: 40 }), (heartbeat, extension) => {
        const encoded = encodeHeartbeat(heartbeat);
        expect(decodeHeartbeat(new Uint8Array([...encoded, ...extension]))).toEqual(heartbeat);
      }),
    );
  });

  test.each([
    ["nothing", new Uint8Array(0), "short"],
    ["a cut name", bytes.subarray(0, -1), "short"],
    ["another protocol", bytes.with(0, 0), "not-a-heartbeat"],
    ["another version", bytes.with(2, 2), "other-version"],
    ["an unknown kind", bytes.with(3, 3), "unknown-kind"],
    ["kind 0", bytes.with(3, 0), "unknown-kind"],
    ["an empty name", bytes.with(28, 0), "bad-name"],
    ["a name that is not UTF-8", bytes.with(30, 0xff), "bad-name"],
  ])("refuses %s", (_, encoded, fault) => expect<unknown>(decodeHeartbeat(encoded)).toBe(fault));

  test("never throws", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (any) => void decodeHeartbeat(any)));
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        decodeHeartbeat(bytes.with(at, byte));
      }),
    );
  });
});
