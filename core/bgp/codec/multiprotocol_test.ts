import { describe, expect, test } from "bun:test";
import { formatAddress, formatPrefix } from "#core/net/mod.ts";
import type { UpdateMessage } from "./messages.ts";
import { BgpError, decodeMessage, describeMessage, encodeMessage, endOfRibFamily } from "./mod.ts";

const external = { fourOctetAs: true, isExternal: true };

const mandatory = "4001010040020602010000fde9";
const global = "fd990000000000000000000000000008";
const linkLocal = "fe800000000000000000000000000008";
/** 2001:db8::1/128 and 2001:db8::/32 */
const routes = "8020010db8000000000000000000000001" + "2020010db8";

function attribute(code: number, value: string, flags = "80"): string {
  return flags + octets(code, 1) + octets(value.length / 2, 1) + value;
}

function octets(value: number, count: number): string {
  return value.toString(16).padStart(count * 2, "0");
}

function update(attributes: string, { nlri = "", withdrawn = "" } = {}): Uint8Array {
  const body =
    octets(withdrawn.length / 2, 2) + withdrawn + octets(attributes.length / 2, 2) + attributes + nlri;
  return Uint8Array.fromHex(`${"ff".repeat(16)}${octets(19 + body.length / 2, 2)}02${body}`);
}

function decode(bytes: Uint8Array): UpdateMessage {
  return decodeMessage(bytes, external) as UpdateMessage;
}

const reach = (nextHop: string, nlri = routes, family = "000201") =>
  attribute(14, `${family}${octets(nextHop.length / 2, 1)}${nextHop}00${nlri}`);

describe("MP_REACH_NLRI (RFC 4760 §3)", () => {
  test.each([
    ["IPv6 with a global next hop", reach(global), "fd99::8", "2001:db8::1/128 2001:db8::/32"],
    [
      "IPv6 with a link-local next hop beside it (RFC 2545 §3)",
      reach(global + linkLocal),
      "fd99::8 fe80::8",
      "2001:db8::1/128 2001:db8::/32",
    ],
    ["IPv4 with its own next hop", reach("0a000001", "200a010203", "000101"), "10.0.0.1", "10.1.2.3/32"],
    [
      "IPv4 with an IPv6 next hop (RFC 8950)",
      reach(linkLocal, "200a010203", "000101"),
      "fe80::8",
      "10.1.2.3/32",
    ],
  ])("%s is read, and needs no NEXT_HOP", (_, attributes, hops, prefixes) => {
    const read = decode(update(attributes + mandatory));
    expect(read.problems).toEqual([]);
    const value = read.attributes.MP_REACH_NLRI;
    expect(value?.nextHops.map(formatAddress).join(" ")).toBe(hops);
    expect(value?.nlri.map(formatPrefix).join(" ")).toBe(prefixes);
    expect(encodeMessage(read, external)).toEqual(update(attributes + mandatory));
  });

  test("stands first when written, wherever it was read (RFC 7606 §5.1)", () => {
    const read = decode(update(mandatory + reach(global)));
    expect(encodeMessage(read, external)).toEqual(update(reach(global) + mandatory));
  });

  test("of a family that we do not know is kept as it came", () => {
    const bytes = update(attribute(14, "001946000102") + mandatory);
    const read = decode(bytes);
    expect(read.attributes.MP_REACH_NLRI).toMatchObject({ afi: 25, safi: 70, nlri: [] });
    expect(encodeMessage(read, external)).toEqual(bytes);
    expect(describeMessage(read)).toContain("l2vpn-evpn 3 octets");
  });

  test.each([
    ["ORIGIN is malformed", reach(global) + mandatory.replace("40010100", "40010103")],
    ["its flags are wrong", reach(global).replace("80", "c0") + mandatory],
    ["AS_PATH is missing", `${reach(global)}40010100`],
  ])("its routes are withdrawn where %s, and the session stays", (_, attributes) => {
    const read = decode(update(attributes, { withdrawn: "200a010203" }));
    expect(read.problems.map(({ handling }) => handling)).toEqual(["treat-as-withdraw"]);
    expect(read.attributes).toEqual({});
    expect(read.withdrawn.map(formatPrefix)).toEqual(["10.1.2.3/32", "2001:db8::1/128", "2001:db8::/32"]);
  });
});

describe("what makes the routes themselves unreadable resets the session (RFC 7606 §5.3, §7.11, §7.12)", () => {
  test.each([
    ["a next hop of 4 octets for IPv6", reach("0a000001") + mandatory, "a next hop of 4 octets"],
    ["a next hop of 24 octets", reach("00".repeat(24)) + mandatory, "allowed are 16, 32"],
    ["a next hop longer than the attribute", attribute(14, "00020110fd99") + mandatory, "wrong length"],
    ["no reserved octet", attribute(14, `00020110${global}`) + mandatory, "wrong length"],
    ["a prefix of 129 bits", reach(global, `81${"00".repeat(17)}`) + mandatory, "128 is the longest"],
    ["a prefix cut short", reach(global, "8020010db8") + mandatory, "needs 16 octets"],
    ["MP_UNREACH_NLRI of two octets", attribute(15, "0002"), "wrong length"],
    ["a withdrawn prefix cut short", attribute(15, "0002018020010db8"), "needs 16 octets"],
    ["MP_REACH_NLRI twice (§3 g)", reach(global) + mandatory + reach(global), "attribute 14 appears twice"],
    [
      "MP_REACH_NLRI longer than the field of attributes (§3 j)",
      `${mandatory}800eff00020110`,
      "longer than the field",
    ],
    ["wrong flags and a prefix cut short", attribute(15, "0002018020", "c0"), "needs 16 octets"],
  ])("%s", (_, attributes, words) => {
    expect(() => decode(update(attributes))).toThrow(BgpError);
    expect(() => decode(update(attributes))).toThrow(words);
  });
});

describe("MP_UNREACH_NLRI (RFC 4760 §4)", () => {
  test("withdraws", () => {
    const bytes = update(attribute(15, `000201${routes}`));
    const read = decode(bytes);
    expect(describeMessage(read)).toBe("UPDATE withdraws 2001:db8::1/128, 2001:db8::/32");
    expect(encodeMessage(read, external)).toEqual(bytes);
  });

  test("alone and empty is the family's End-of-RIB (RFC 4724 §2)", () => {
    const read = decode(update(attribute(15, "000201")));
    expect(endOfRibFamily(read)).toEqual({ afi: 2, safi: 1 });
    expect(describeMessage(read)).toBe("UPDATE End-of-RIB ipv6-unicast");
    expect(endOfRibFamily(decode(update("")))).toEqual({ afi: 1, safi: 1 });
    expect(endOfRibFamily(decode(update(attribute(15, `000201${routes}`))))).toBeUndefined();
    expect(endOfRibFamily(decode(update(attribute(15, "000201"), { withdrawn: "00" })))).toBeUndefined();
  });
});
