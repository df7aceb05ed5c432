import { expect, test } from "bun:test";
import { decodeMessage, describeMessage, encodeMessage, type Message, MessageFramer } from "./mod.ts";

const fourOctets = { fourOctetAs: true, isExternal: true };
const twoOctets = { fourOctetAs: false, isExternal: true };
const internal = { fourOctetAs: true, isExternal: false };
const marker = "ffffffffffffffffffffffffffffffff";

/** Messages as routers sent them, captured on the wire, and what they say. */
const captures: [string, typeof fourOctets, string, string][] = [
  [
    "BIRD 2.0.12, OPEN",
    fourOctets,
    "00430104fdeb00090a630003260224010400010001010400020001020006004002007841040000fdeb46004700490402766d00",
    'OPEN AS 65003, hold time 9 s, identifier 10.99.0.3, capabilities: ipv4-unicast, ipv6-unicast, route refresh, extended message, graceful restart 120 s, 4-octet AS, enhanced route refresh, long-lived graceful restart, host name "vm"',
  ],
  [
    "BIRD 2.0.12, OPEN of a four-octet AS",
    internal,
    "003501045ba000090a6300031802160104000100010200400200784104fa56ea0346004700",
    "OPEN AS 4200000003, hold time 9 s, identifier 10.99.0.3, capabilities: ipv4-unicast, route refresh, graceful restart 120 s, 4-octet AS, enhanced route refresh, long-lived graceful restart",
  ],
  [
    "BIRD 2.0.12, OPEN with four-octet AS numbers off",
    twoOctets,
    "002f0104fdeb00090a63000312021001040001000102004002007846004700",
    "OPEN AS 65003, hold time 9 s, identifier 10.99.0.3, capabilities: ipv4-unicast, route refresh, graceful restart 120 s, enhanced route refresh, long-lived graceful restart",
  ],
  [
    "FRR 8.4.4, OPEN",
    fourOctets,
    "005e0104fdeb00090a630003410206010400010001020280000202020002024600020641040000fdeb0202060002064504000101010206490402766d0002044002c0780209470700010180000000",
    'OPEN AS 65003, hold time 9 s, identifier 10.99.0.3, capabilities: ipv4-unicast, capability 128, route refresh, enhanced route refresh, 4-octet AS, extended message, capability 69, host name "vm", graceful restart 120 s, long-lived graceful restart',
  ],
  [
    "GoBGP 3.10.0, OPEN",
    fourOctets,
    "003b0104fdeb00090a6300031e021c0200490402766d0001040001000141040000fdeb0506000100010002",
    'OPEN AS 65003, hold time 9 s, identifier 10.99.0.3, capabilities: route refresh, host name "vm", ipv4-unicast, 4-octet AS, extended next hop ipv4-unicast',
  ],
  [
    "BIRD 2.0.12, UPDATE",
    fourOctets,
    "0044020000002a4001010040020602010000fdeb4003040a630003c00804fdeb0007c0200c0000fdeb000000010000000210ac10",
    "UPDATE announces 172.16.0.0/16; ORIGIN IGP; AS_PATH 65003; NEXT_HOP 10.99.0.3; COMMUNITIES 65003:7; LARGE_COMMUNITY large:65003:1:2",
  ],
  [
    "BIRD 2.0.12, UPDATE inside an AS",
    internal,
    "004c0200000032400101004002004003040a6300038004040000003240050400000064c00804fdeb0007c0200c0000fdeb000000010000000210ac10",
    "UPDATE announces 172.16.0.0/16; ORIGIN IGP; AS_PATH empty; NEXT_HOP 10.99.0.3; MULTI_EXIT_DISC 50; LOCAL_PREF 100; COMMUNITIES 65003:7; LARGE_COMMUNITY large:65003:1:2",
  ],
  [
    "BIRD 2.0.12, UPDATE with AS numbers of two octets",
    twoOctets,
    "002d0200000012400101004002040201fdeb4003040a63000318ac1100",
    "UPDATE announces 172.17.0.0/24; ORIGIN IGP; AS_PATH 65003; NEXT_HOP 10.99.0.3",
  ],
  ["BIRD 2.0.12, End-of-RIB", fourOctets, "00170200000000", "UPDATE End-of-RIB ipv4-unicast"],
  [
    "BIRD 2.0.12, NOTIFICATION to an AS that it does not expect",
    fourOctets,
    "00190302020000fe4c",
    "NOTIFICATION OPEN Message Error, Bad Peer AS (peer was told AS 65100 and expects another)",
  ],
  ["GoBGP 3.10.0, NOTIFICATION", fourOctets, "0015030603", "NOTIFICATION Cease, Peer De-configured"],
  ["FRR 8.4.4, KEEPALIVE", fourOctets, "001304", "KEEPALIVE"],
  [
    "BIRD 2.0.12, OPEN of both families with graceful restart and extended next hops",
    fourOctets,
    "004b0104fdeb00f00a6300032e022c01040001000101040002000102000506000100010002400a0078000101000002010041040000fdeb46004700",
    "OPEN AS 65003, hold time 240 s, identifier 10.99.0.3, capabilities: ipv4-unicast, ipv6-unicast, route refresh, extended next hop ipv4-unicast, graceful restart 120 s, 4-octet AS, enhanced route refresh, long-lived graceful restart",
  ],
  [
    "GoBGP 3.10.0, UPDATE of IPv6",
    fourOctets,
    "0043020000002c4001010240020602010000fdec800e1c00020110fd990000000000000000000000000003003020010db80001",
    "UPDATE announces 2001:db8:1::/48; ORIGIN INCOMPLETE; AS_PATH 65004; MP_REACH_NLRI ipv6-unicast next hop fd99::3",
  ],
  [
    "BIRD 2.0.12, UPDATE of IPv6",
    fourOctets,
    "0054020000003d900e002c00020120fd990000000000000000000000000003fe80000000000000d8bf12fffef4c1b1003020010db800014001010040020602010000fdeb",
    "UPDATE announces 2001:db8:1::/48; ORIGIN IGP; AS_PATH 65003; MP_REACH_NLRI ipv6-unicast next hop fd99::3 and fe80::d8bf:12ff:fef4:c1b1",
  ],
  [
    "BIRD 2.0.12, UPDATE of IPv4 with an IPv6 next hop",
    fourOctets,
    "00500200000039900e002800010120fd990000000000000000000000000003fe80000000000000d8bf12fffef4c1b10010ac104001010040020602010000fdeb",
    "UPDATE announces 172.16.0.0/16; ORIGIN IGP; AS_PATH 65003; MP_REACH_NLRI ipv4-unicast next hop fd99::3 and fe80::d8bf:12ff:fef4:c1b1",
  ],
  [
    "FRR 8.4.4, UPDATE of IPv6",
    fourOctets,
    "005c0200000045900e002c00020120fd990000000000000000000000000003fe80000000000000d8bf12fffef4c1b1003020010db80001400101005002000602010000fdeb80040400000000",
    "UPDATE announces 2001:db8:1::/48; ORIGIN IGP; AS_PATH 65003; MULTI_EXIT_DISC 0; MP_REACH_NLRI ipv6-unicast next hop fd99::3 and fe80::d8bf:12ff:fef4:c1b1",
  ],
  [
    "FRR 8.4.4, End-of-RIB of IPv6",
    fourOctets,
    "001d0200000006800f03000201",
    "UPDATE End-of-RIB ipv6-unicast",
  ],
  [
    // internal/bgp/native/messages.go of MetalLB writes this one.
    "MetalLB 0.16 native, OPEN",
    fourOctets,
    "00310104fe4c005a0a63000814021201040001000101040002000141040000fe4c",
    "OPEN AS 65100, hold time 90 s, identifier 10.99.0.8, capabilities: ipv4-unicast, ipv6-unicast, 4-octet AS",
  ],
];

test.each(captures)("%s", (_, context, hex, words) => {
  const bytes = Uint8Array.fromHex(marker + hex);
  const [whole] = [...new MessageFramer().push(bytes)];
  const message = decodeMessage(whole ?? new Uint8Array(0), context);
  expect(describeMessage(message)).toBe(words);
  // What was read can be written, and says the same; only the grouping of capabilities is ours.
  const again: Message = decodeMessage(encodeMessage(message, context), context);
  expect(again).toEqual(message);
  // GoBGP puts MP_REACH_NLRI elsewhere, BIRD and FRR give it a length of two octets where one would do.
  const isOurs = message.type !== "OPEN" && !(message.type === "UPDATE" && message.attributes.MP_REACH_NLRI);
  if (isOurs) expect(encodeMessage(message, context).toHex()).toBe(marker + hex);
});
