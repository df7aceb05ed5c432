import { describe, expect, test } from "bun:test";
import { formatPrefix } from "#core/net/mod.ts";
import { BgpError, decodeMessage, type UpdateMessage } from "./mod.ts";

const external = { fourOctetAs: true, isExternal: true };
const internal = { fourOctetAs: true, isExternal: false };

const origin = "40010100";
const asPath = "40020602010000fde9";
const nextHop = "4003040a000001";
const localPref = "40050400000064";
const mandatory = origin + asPath + nextHop;
/** 10.1.2.3/32 */
const route = "200a010203";

function update(attributes: string, nlri = route, withdrawn = ""): Uint8Array {
  const length = (hex: string, octets = 2) => (hex.length / 2).toString(16).padStart(octets * 2, "0");
  const body = length(withdrawn) + withdrawn + length(attributes) + attributes + nlri;
  return frame(body);
}

function frame(body: string): Uint8Array {
  const length = (19 + body.length / 2).toString(16).padStart(4, "0");
  return Uint8Array.fromHex(`${"ff".repeat(16)}${length}02${body}`);
}

function decode(bytes: Uint8Array, context = external): UpdateMessage {
  return decodeMessage(bytes, context) as UpdateMessage;
}

describe("RFC 7606: a route whose attributes cannot be trusted is withdrawn, and the session stays", () => {
  test.each([
    ["ORIGIN of two octets", "4001020000", "Attribute Length Error"],
    ["ORIGIN without a value", "400100", "Attribute Length Error"],
    ["ORIGIN 3", "40010103", "Invalid ORIGIN Attribute"],
    ["ORIGIN said to be optional", "c0010100", "Attribute Flags Error"],
    ["AS_PATH with an unknown segment type", `${origin}40020609010000fde9`, "Malformed AS_PATH"],
    ["AS_PATH with an empty segment", `${origin}4002020200`, "Malformed AS_PATH"],
    ["AS_PATH with a segment longer than it", `${origin}40020602020000fde9`, "Attribute Length Error"],
    ["AS_PATH with an octet too many", `${origin}40020702010000fde902`, "Attribute Length Error"],
    ["AS_PATH with a confederation", `${origin}40020603010000fde9`, "Malformed AS_PATH"],
    ["NEXT_HOP of three octets", `${origin + asPath}4003030a0000`, "Attribute Length Error"],
    ["MULTI_EXIT_DISC of three octets", `${mandatory}800403000001`, "Attribute Length Error"],
    ["COMMUNITIES of five octets", `${mandatory}c0080500000001ff`, "Attribute Length Error"],
    ["COMMUNITIES without a value", `${mandatory}c00800`, "Optional Attribute Error"],
    ["LARGE_COMMUNITY of eleven octets", `${mandatory}c0200b${"00".repeat(11)}`, "Attribute Length Error"],
    ["LARGE_COMMUNITY without a value", `${mandatory}c02000`, "Optional Attribute Error"],
    ["no ORIGIN", asPath + nextHop, "Missing Well-known Attribute (ORIGIN"],
    ["no AS_PATH", origin + nextHop, "Missing Well-known Attribute (AS_PATH"],
    ["no NEXT_HOP", origin + asPath, "Missing Well-known Attribute (NEXT_HOP"],
    ["an attribute longer than its field", `${mandatory}c00804000000`, "Malformed Attribute List"],
    ["a header cut short", `${mandatory}c0`, "Malformed Attribute List"],
  ])("%s", (_, attributes, words) => {
    const read = decode(update(attributes));
    expect(read.problems.map((problem) => problem.handling)).toContain("treat-as-withdraw");
    expect(read.problems.map(String).join("; ")).toContain(words);
    expect(read.withdrawn.map(formatPrefix)).toEqual(["10.1.2.3/32"]);
    expect(read.nlri).toEqual([]);
  });

  test("no LOCAL_PREF from an internal peer", () => {
    expect(decode(update(mandatory), internal).withdrawn.length).toBe(1);
    expect(decode(update(mandatory + localPref), internal).nlri.length).toBe(1);
    expect(decode(update(`${mandatory}400503000064`), internal).withdrawn.length).toBe(1);
  });
});

describe("RFC 7606: an attribute that can be missed is dropped, and the route stays", () => {
  test.each([
    ["ATOMIC_AGGREGATE with a value", `${mandatory}40060100`, external],
    ["AGGREGATOR of six octets", `${mandatory}c00706fde90a000001`, external],
    ["a second ORIGIN; the first counts", `${mandatory}40010101`, external],
    ["LOCAL_PREF from an external peer", mandatory + localPref, external],
    ["a malformed LOCAL_PREF from an external peer", `${mandatory}400503000064`, external],
    ["AS4_PATH from a peer of four octets", `${mandatory}c0110602010000fde9`, external],
    [
      "AS4_AGGREGATOR of six octets",
      `${mandatory.replace(asPath, "4002040201fde9")}c01206000000010a00`,
      { fourOctetAs: false, isExternal: true },
    ],
    [
      "a malformed AS4_PATH",
      `${mandatory.replace(asPath, "4002040201fde9")}c011020200`,
      { fourOctetAs: false, isExternal: true },
    ],
  ])("%s", (_, attributes, context) => {
    const read = decode(update(attributes), context);
    expect(read.problems.map((problem) => problem.handling)).toEqual(["attribute-discard"]);
    expect(read.nlri.map(formatPrefix)).toEqual(["10.1.2.3/32"]);
    expect(Object.keys(read.attributes).sort()).toEqual(["AS_PATH", "NEXT_HOP", "ORIGIN"]);
    expect(read.attributes.ORIGIN).toBe("IGP");
  });
});

describe("what cannot be read resets the session", () => {
  test.each([
    ["withdrawn routes longer than the message", frame("00050000"), "Malformed Attribute List"],
    ["attributes longer than the message", frame("00000005400101"), "Malformed Attribute List"],
    ["a prefix of 33 bits", update(mandatory, "210a01020304"), "Invalid Network Field"],
    ["a prefix cut short", update(mandatory, "200a0102"), "Invalid Network Field"],
    ["a withdrawn prefix cut short", update("", "", "180a01"), "Invalid Network Field"],
    [
      "an unknown attribute said to be well-known",
      update(`${mandatory}40fa0100`),
      "Unrecognized Well-known Attribute",
    ],
    // RFC 7606 §5.2
    ["a malformed attribute with no route to withdraw", update("40010103", ""), "Malformed Attribute List"],
  ])("%s", (_, bytes, words) => {
    expect(() => decode(bytes)).toThrow(BgpError);
    expect(() => decode(bytes)).toThrow(`UPDATE Message Error, ${words}`);
  });
});

test("unknown optional attributes are kept as they came, transitive or not", () => {
  const read = decode(update(`${mandatory}e0fa020102d0fb000103`));
  expect(read.problems).toEqual([]);
  expect(read.attributes.unknown).toEqual([
    { code: 250, flags: 0xe0, value: Uint8Array.of(1, 2) },
    { code: 251, flags: 0xc0, value: Uint8Array.of(3) },
  ]);
});

test("RFC 6793 §4.2.3: the true path and aggregator of a two-octet peer are put together", () => {
  // AS_PATH 65001 23456 23456, AS4_PATH 4200000001 4200000002
  const path = "40020802035ba05ba05ba0".replace("5ba0", "fde9");
  const as4Path = "c0110a0202fa56ea01fa56ea02";
  const aggregators = "c007065ba00a000009c01208fa56ea020a000009";
  const read = decode(update(origin + path + nextHop + as4Path + aggregators), {
    fourOctetAs: false,
    isExternal: true,
  });
  expect(read.problems).toEqual([]);
  expect(read.attributes.AS_PATH).toEqual([{ type: "AS_SEQUENCE", asns: [65001, 4200000001, 4200000002] }]);
  expect(read.attributes.AGGREGATOR?.asn).toBe(4200000002);
  expect(read.attributes.AS4_PATH).toBeUndefined();
});

test("RFC 6793 §4.2.3: AS4_PATH does not count where a real two-octet AS aggregated", () => {
  const path = "4002040201fde9";
  const attributes = `${origin + path + nextHop}c00706fdea0a000009c0110602010000fde9c01208fa56ea020a000009`;
  const read = decode(update(attributes), { fourOctetAs: false, isExternal: true });
  expect(read.attributes.AGGREGATOR?.asn).toBe(65002);
  expect(read.attributes.AS_PATH).toEqual([{ type: "AS_SEQUENCE", asns: [65001] }]);
});
