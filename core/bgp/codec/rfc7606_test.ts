import { describe, expect, test } from "bun:test";
import { formatPrefix } from "#core/net/mod.ts";
import { type AttributeName, attributeTable, BgpError, decodeMessage, type UpdateMessage } from "./mod.ts";

/** What becomes of the route 10.0.0.0/24. */
type Outcome = "reset" | "withdrawn" | "announced without it" | "announced with it";

const origin = "40010100";
const asPath = "400200";
const externalPath = "4002060201" + "0000fc01";
const nextHop = "4003040a000001";
const localPref = "40050400000064";
const prefix = "180a0000";

function update(attributes: string, nlri = prefix): Uint8Array {
  const bytes = attributes.length / 2;
  const length = 23 + bytes + nlri.length / 2;
  const hex = (value: number) => value.toString(16).padStart(4, "0");
  return Uint8Array.fromHex(`${"ff".repeat(16)}${hex(length)}02${"0000"}${hex(bytes)}${attributes}${nlri}`);
}

function outcome(name: AttributeName, attribute: string, isExternal: boolean): Outcome {
  const own = {
    ORIGIN: origin,
    AS_PATH: isExternal ? externalPath : asPath,
    NEXT_HOP: nextHop,
    LOCAL_PREF: isExternal ? "" : localPref,
  };
  const others = Object.entries(own)
    .filter(([other]) => other !== name)
    .map(([, hex]) => hex);
  const isFirst = name.startsWith("MP_");
  const attributes = isFirst ? [attribute, ...others] : [...others, attribute];
  let message: UpdateMessage;
  try {
    message = decodeMessage(update(attributes.join("")), { fourOctetAs: true, isExternal }) as UpdateMessage;
  } catch (error) {
    if (error instanceof BgpError && error.handling === "session-reset") return "reset";
    throw error;
  }
  if (message.withdrawn.map(formatPrefix).includes("10.0.0.0/24")) {
    expect([message.nlri, message.attributes]).toEqual([[], {}]);
    return "withdrawn";
  }
  expect(message.nlri.map(formatPrefix)).toEqual(["10.0.0.0/24"]);
  return message.attributes[name] === undefined ? "announced without it" : "announced with it";
}

/** RFC 7606 §7 and the attributes' own RFCs: a malformed value of each, and what it leads to. */
const rows: [AttributeName, string, string, boolean, Outcome][] = [
  ["ORIGIN", "of two octets (§7.1)", "4001020000", true, "withdrawn"],
  ["ORIGIN", "of an undefined value (§7.1)", "40010103", true, "withdrawn"],
  ["AS_PATH", "with an unknown segment type (§7.2)", "4002060901" + "0000fc01", true, "withdrawn"],
  ["AS_PATH", "whose segment overruns it (§7.2)", "4002060202" + "0000fc01", true, "withdrawn"],
  ["AS_PATH", "with one octet after a segment (§7.2)", "4002070201" + "0000fc01" + "02", true, "withdrawn"],
  ["AS_PATH", "with a segment of no AS (§7.2)", "4002020200", true, "withdrawn"],
  ["NEXT_HOP", "of three octets (§7.3)", "4003030a0000", true, "withdrawn"],
  ["MULTI_EXIT_DISC", "of three octets (§7.4)", "800403000001", true, "withdrawn"],
  ["LOCAL_PREF", "of three octets from an internal peer (§7.5)", "400503000064", false, "withdrawn"],
  ["LOCAL_PREF", "from an external peer (§7.5)", "40050400000064", true, "announced without it"],
  ["ATOMIC_AGGREGATE", "of one octet (§7.6)", "40060100", true, "announced without it"],
  [
    "AGGREGATOR",
    "of six octets between speakers of four-octet ASNs (§7.7)",
    "c00706fc010a000001",
    true,
    "announced without it",
  ],
  ["COMMUNITIES", "of six octets (§7.8)", "c00806000100020003", true, "withdrawn"],
  ["COMMUNITIES", "of no octet (§7.8)", "c00800", true, "withdrawn"],
  ["ORIGINATOR_ID", "from an external peer (§7.9)", "8009040a000001", true, "announced without it"],
  ["ORIGINATOR_ID", "of five octets from an internal peer (§7.9)", "8009050a00000100", false, "withdrawn"],
  ["ORIGINATOR_ID", "as it is to be, from an internal peer", "8009040a000001", false, "announced with it"],
  ["CLUSTER_LIST", "from an external peer (§7.10)", "800a040a000001", true, "announced without it"],
  ["CLUSTER_LIST", "of six octets from an internal peer (§7.10)", "800a060a0000010a00", false, "withdrawn"],
  ["MP_REACH_NLRI", "of two octets (§7.11)", "800e020002", true, "reset"],
  [
    "MP_REACH_NLRI",
    "with a next hop of seven octets (§7.11)",
    "800e0c" + "00020107" + "20010db8000000" + "00",
    true,
    "reset",
  ],
  ["MP_UNREACH_NLRI", "of two octets (§7.12)", "800f020002", true, "reset"],
  ["MP_UNREACH_NLRI", "with a prefix longer than its family's (§5.3)", "800f0400020181", true, "reset"],
  ["EXTENDED_COMMUNITIES", "of twelve octets (§7.14)", `c0100c${"00".repeat(12)}`, true, "withdrawn"],
  ["EXTENDED_COMMUNITIES", "of eight octets", "c010080002fc010000000a", true, "announced with it"],
  [
    "AS4_PATH",
    "between speakers of four-octet ASNs (RFC 6793 §6)",
    "c011060201" + "0000fc01",
    true,
    "announced without it",
  ],
  [
    "AS4_AGGREGATOR",
    "between speakers of four-octet ASNs (RFC 6793 §6)",
    "c01208" + "0000fc010a000001",
    true,
    "announced without it",
  ],
  ["IPV6_EXTENDED_COMMUNITIES", "of twelve octets (§7.15)", `c0190c${"00".repeat(12)}`, true, "withdrawn"],
  ["AIGP", "whose TLV overruns it (RFC 7311 §3.1)", "801a0401000b00", true, "announced without it"],
  ["AIGP", "of one TLV with a metric", `801a0b01000b${"00".repeat(8)}`, true, "announced with it"],
  ["LARGE_COMMUNITY", "of ten octets (RFC 8092 §6)", `c0200a${"00".repeat(10)}`, true, "withdrawn"],
  ["ONLY_TO_CUSTOMER", "of three octets (RFC 9234 §5)", "c023030000fc", true, "withdrawn"],
];

describe("RFC 7606, from the table of attributes", () => {
  test.each(rows)("%s %s", (name, _, attribute, isExternal, expected) => {
    expect(outcome(name, attribute, isExternal)).toBe(expected);
  });

  test("every attribute of the table has a row here", () => {
    const named = new Set(rows.map(([name]) => name));
    expect(Object.keys(attributeTable).filter((name) => !named.has(name as AttributeName))).toEqual([]);
  });

  test.each([
    ["ORIGIN", "c0010100"],
    ["MULTI_EXIT_DISC", "c0040400000001"],
    ["COMMUNITIES", "8008040001fc01"],
    ["EXTENDED_COMMUNITIES", "4010080002fc010000000a"],
  ] as [AttributeName, string][])(
    "%s with flags of another kind is treated as withdrawn (§3 c)",
    (name, attribute) => {
      expect(outcome(name, attribute, true)).toBe("withdrawn");
    },
  );

  test("an attribute that appears twice counts once, the first (§3 g)", () => {
    const attributes = [origin, externalPath, nextHop, "800404" + "00000001", "800404" + "00000002"].join("");
    const message = decodeMessage(update(attributes), {
      fourOctetAs: true,
      isExternal: true,
    }) as UpdateMessage;
    expect([message.attributes.MULTI_EXIT_DISC, message.nlri.length]).toEqual([1, 1]);
  });

  test.each([
    ["ORIGIN", [externalPath, nextHop]],
    ["AS_PATH", [origin, nextHop]],
    ["NEXT_HOP", [origin, externalPath]],
  ])("without %s the route is withdrawn (§3 d)", (_, attributes) => {
    const message = decodeMessage(update(attributes.join("")), {
      fourOctetAs: true,
      isExternal: true,
    }) as UpdateMessage;
    expect(message.withdrawn.map(formatPrefix)).toEqual(["10.0.0.0/24"]);
  });

  test("what is not well-known but says so resets the session (RFC 4271 §6.3)", () => {
    const bytes = update([origin, externalPath, nextHop, "40c80101"].join(""));
    expect(() => decodeMessage(bytes, { fourOctetAs: true, isExternal: true })).toThrow(
      "Unrecognized Well-known Attribute",
    );
  });

  test("an unknown transitive attribute is kept as it came", () => {
    const bytes = update([origin, externalPath, nextHop, "c0c80101"].join(""));
    const { attributes } = decodeMessage(bytes, { fourOctetAs: true, isExternal: true }) as UpdateMessage;
    expect(attributes.unknown).toEqual([{ code: 200, flags: 0xc0, value: Uint8Array.of(1) }]);
  });
});
