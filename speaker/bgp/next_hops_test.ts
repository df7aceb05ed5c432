import { describe, expect, test } from "bun:test";
import { ipv4Unicast, ipv6Unicast } from "#core/bgp/mod.ts";
import { formatAddress, parseAddress } from "#core/net/mod.ts";
import { localEnd, missingNextHops, sessionNextHops } from "./next_hops.ts";

function address(text: string) {
  return parseAddress(text) ?? expect.unreachable();
}

const both = [ipv4Unicast, ipv6Unicast];

describe("sessionNextHops()", () => {
  test.each([
    ["IPv4", "10.0.0.8", ["fd99::8", "fe80::8"], false, "10.0.0.8", "fd99::8"],
    ["IPv4 that may extend next hops", "10.0.0.8", ["fd99::8"], true, "10.0.0.8", "fd99::8"],
    ["IPv4 with a link-local neighbour only", "10.0.0.8", ["fe80::8"], false, "10.0.0.8", "fe80::8"],
    ["IPv4 alone", "10.0.0.8", [], false, "10.0.0.8", undefined],
    ["IPv6", "fd99::8", ["fe80::8", "10.0.0.8", "10.0.0.9"], false, "10.0.0.8", "fd99::8"],
    ["IPv6 with extended next hops", "fd99::8", ["10.0.0.8"], true, "fd99::8", "fd99::8"],
    ["IPv6 alone", "fd99::8", [], false, undefined, "fd99::8"],
    ["link-local", "fe80::8", ["10.0.0.8", "fd99::8"], false, "10.0.0.8", "fd99::8 fe80::8"],
    ["link-local alone, extended", "fe80::8", [], true, "fe80::8", "fe80::8"],
  ])("%s", (_, local, besides, extendedNextHop, ipv4, ipv6) => {
    const end = { address: address(local), besides: besides.map(address) };
    const hops = sessionNextHops(end, { families: both, extendedNextHop });
    const words = (family: "ipv4" | "ipv6") => hops[family]?.map(formatAddress).join(" ");
    expect([words("ipv4"), words("ipv6")]).toEqual([ipv4, ipv6]);
    const missing = ipv4 && ipv6 ? undefined : `${ipv4 ? "IPv6" : "IPv4"} routes are not announced`;
    if (missing) expect(missingNextHops(end, both, hops)).toStartWith(missing);
    else expect(missingNextHops(end, both, hops)).toBeUndefined();
  });

  test("gives none for a family that the session does not carry", () => {
    const end = { address: address("10.0.0.8"), besides: [address("fd99::8")] };
    expect(sessionNextHops(end, { families: [ipv4Unicast], extendedNextHop: false }).ipv6).toBeUndefined();
  });
});

test("localEnd() never takes loopback's own addresses for next hops", () => {
  expect(localEnd(address("127.0.0.1")).besides.map(formatAddress)).not.toContain("::1");
});
