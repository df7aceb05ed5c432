import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Prefix, parsePrefix } from "#core/net/mod.ts";
import { decodeSpeakerFacts, encodeSpeakerFacts, type SpeakerFacts } from "./mod.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;
const facts: SpeakerFacts = {
  interfaces: [
    { name: "eth0", connected: [prefix("192.168.1.0/24"), prefix("fd00:1::/64")] },
    { name: "eth1", connected: [] },
  ],
  isTruncated: false,
  stableSince: 1_700_000_000,
  flaps: 2,
  isAnswering: true,
};

const prefixOf = fc.oneof(
  fc
    .tuple(fc.nat(0xffff_ffff), fc.integer({ min: 0, max: 32 }))
    .map(([value, length]) =>
      prefix(`${[24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".")}/${length}`),
    ),
  fc
    .tuple(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 128 }))
    .map(([groups, length]) => prefix(`${groups.map((group) => group.toString(16)).join(":")}/${length}`)),
);
const factsOf = (interfaces: { minLength?: number; maxLength: number }): fc.Arbitrary<SpeakerFacts> =>
  fc.record({
    interfaces: fc.array(
      fc.record({
        name: fc.stringMatching(/^[a-z0-9.@-]{1,15}$/),
        connected: fc.array(prefixOf, { maxLength: 6 }),
      }),
      interfaces,
    ),
    isTruncated: fc.boolean(),
    stableSince: fc.nat(0xffff_ffff),
    flaps: fc.nat(0xffff),
    isAnswering: fc.boolean(),
  });

describe("SpeakerFacts as bytes", () => {
  test("stand where the format says", () => {
    const bytes = encodeSpeakerFacts(facts);
    const head = "01026553f100000202";
    const eth0 = "0465746830020418c0a801" + "0640fd00000100000000";
    const eth1 = "046574683100";
    expect(Buffer.from(bytes).toString("hex")).toBe(head + eth0 + eth1);
  });

  test("come back as they went", () => {
    fc.assert(
      fc.property(factsOf({ maxLength: 6 }), (one) => {
        expect(decodeSpeakerFacts(encodeSpeakerFacts(one))).toEqual(one);
      }),
    );
  });

  test("never exceed a thousand bytes, and say what was left out", () => {
    fc.assert(
      fc.property(factsOf({ minLength: 20, maxLength: 300 }), (one) => {
        const bytes = encodeSpeakerFacts(one);
        expect(bytes.length).toBeLessThanOrEqual(1_000);
        const decoded = decodeSpeakerFacts(bytes) as SpeakerFacts;
        const isWhole = Bun.deepEquals(decoded.interfaces, one.interfaces);
        expect(decoded.isTruncated).toBe(one.isTruncated || !isWhole);
        for (const { name } of decoded.interfaces) {
          expect(one.interfaces.some((each) => each.name === name)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("of any kind are read or refused with a fault, never thrown over", () => {
    const faults = ["version", "too-long", "short", "name", "prefix"];
    const anything = fc.uint8Array({ maxLength: 1_100 });
    const nearly = fc
      .tuple(factsOf({ maxLength: 4 }), fc.nat(200), fc.nat(255))
      .map(([one, at, value]) => encodeSpeakerFacts(one).map((byte, index) => (index === at ? value : byte)));
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (bytes) => {
        const decoded = decodeSpeakerFacts(bytes);
        if (typeof decoded === "string") expect(faults).toContain(decoded);
        else expect(decodeSpeakerFacts(encodeSpeakerFacts(decoded))).toEqual(decoded);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each<[string, string, string]>([
    ["another version", "02026553f10000020000", "version"],
    ["nothing", "", "short"],
    ["an end within an interface", "01026553f1000002010465", "short"],
    ["an interface without a name", "01026553f1000002010000", "name"],
    ["a name that is not UTF-8", "01026553f10000020102fffe00", "name"],
    ["a family that there is not", "01026553f100000201046574683001051800", "prefix"],
    ["an IPv4 prefix of 33 bits", "01026553f1000002010465746830010421c0a8010000", "prefix"],
  ])("are refused with %s", (_, hex, fault) => {
    expect(decodeSpeakerFacts(new Uint8Array(Buffer.from(hex, "hex")))).toBe(fault as never);
  });

  test("of a later speaker may go on after the interfaces", () => {
    const longer = new Uint8Array([...encodeSpeakerFacts(facts), 7, 7, 7]);
    expect(decodeSpeakerFacts(longer)).toEqual(facts);
  });
});
