import { describe, expect, test } from "bun:test";
import {
  BgpError,
  describeMessage,
  encodeMessage,
  ipv4Unicast,
  ipv6Unicast,
  type OpenMessage,
} from "../codec/mod.ts";
import { negotiate as negotiateOffer, openMessage as openOf } from "./open_check.ts";
import type { SessionParameters } from "./session.ts";

const parameters: SessionParameters = {
  localAS: 4200000001,
  peerAS: 64513,
  holdTimeMs: 90_000,
  connectRetryTimeMs: 10_000,
  idleHoldTimeMs: 250,
  idleHoldTimeMaxMs: 10_000,
  isPassive: false,
  families: [ipv4Unicast],
};

const negotiate = (own: SessionParameters, id: number, open: OpenMessage) =>
  negotiateOffer({ parameters: own }, id, open);
const openMessage = (own: SessionParameters, id: number) => openOf({ parameters: own }, id);

function theirs(change: Partial<OpenMessage> = {}): OpenMessage {
  return { type: "OPEN", myAS: 64513, holdTimeSeconds: 90, bgpIdentifier: 2, capabilities: [], ...change };
}

const twoOctets = { fourOctetAs: false, isExternal: true };
const internal = { ...parameters, localAS: 64512, peerAS: 64512 };

describe("negotiate()", () => {
  test.each<[string, SessionParameters, Partial<OpenMessage>, string, string]>([
    [
      "another AS",
      parameters,
      { myAS: 64999 },
      "Bad Peer AS (the peer says it is AS 64999; 64513 is expected)",
      "0000fde7",
    ],
    [
      "another AS in four octets",
      parameters,
      { capabilities: [{ name: "FourOctetAs", value: 4200000009 }] },
      "Bad Peer AS (the peer says it is AS 4200000009; 64513 is expected)",
      "fa56ea09",
    ],
    ["AS 0 (RFC 7607)", { ...parameters, peerAS: "external" }, { myAS: 0 }, "Bad Peer AS", "00000000"],
    [
      "our own AS as external",
      { ...internal, peerAS: "external" },
      { myAS: 64512 },
      "Bad Peer AS (the peer says it is AS 64512; another than ours, 64512, is expected)",
      "0000fc00",
    ],
    [
      "another AS as internal",
      { ...internal, peerAS: "internal" },
      {},
      "Bad Peer AS (the peer says it is AS 64513; the same as ours, 64512, is expected)",
      "0000fc01",
    ],
    ["identifier zero", parameters, { bgpIdentifier: 0 }, "Bad BGP Identifier", ""],
    [
      "our own identifier inside the AS",
      internal,
      { myAS: 64512, bgpIdentifier: 1 },
      "Bad BGP Identifier",
      "",
    ],
    [
      "hold time 2 s",
      parameters,
      { holdTimeSeconds: 2 },
      "Unacceptable Hold Time (hold time 2 s; allowed are 0 and 3 s or more)",
      "",
    ],
    [
      "no family in common",
      parameters,
      { capabilities: [{ name: "Multiprotocol", value: ipv6Unicast }] },
      "Unsupported Capability (the peer speaks ipv6-unicast; needed is one of ipv4-unicast)",
      "010400010001",
    ],
  ])("refuses %s", (_, own, change, words, data) => {
    const refuse = () => negotiate(own, 1, theirs(change));
    expect(refuse).toThrow(BgpError);
    expect(refuse).toThrow(words);
    try {
      refuse();
    } catch (error) {
      expect((error as BgpError).data.toHex()).toBe(data);
    }
  });

  test("takes our own identifier from another AS (RFC 6286 §2.2)", () => {
    expect(negotiate(parameters, 2, theirs()).isExternal).toBe(true);
  });

  test("speaks two octets and IPv4 with a peer that offers nothing", () => {
    const agreed = negotiate(parameters, 1, theirs());
    expect(agreed).toMatchObject({
      fourOctetAs: false,
      extendedMessage: false,
      families: [ipv4Unicast],
      capabilities: [],
    });
  });

  test("names the capabilities of both sides", () => {
    const capabilities = [
      { name: "Multiprotocol" as const, value: ipv4Unicast },
      { name: "Multiprotocol" as const, value: ipv6Unicast },
      { name: "FourOctetAs" as const, value: 64513 },
      { name: "EnhancedRouteRefresh" as const, value: true as const },
    ];
    expect(negotiate(parameters, 1, theirs({ capabilities })).capabilities).toEqual([
      "ipv4-unicast",
      "4-octet AS",
      "enhanced route refresh",
    ]);
  });

  test("agrees on IPv6 alone, or on both families, as both sides offer them", () => {
    const offer = (...families: (typeof ipv6Unicast)[]) =>
      theirs({ capabilities: families.map((value) => ({ name: "Multiprotocol" as const, value })) });
    const dual = { ...parameters, families: [ipv4Unicast, ipv6Unicast] };
    expect(negotiate(dual, 1, offer(ipv6Unicast, ipv4Unicast)).families).toEqual([ipv4Unicast, ipv6Unicast]);
    expect(negotiate(dual, 1, offer(ipv6Unicast)).families).toEqual([ipv6Unicast]);
    const ipv6 = { ...parameters, families: [ipv6Unicast] };
    expect(() => negotiate(ipv6, 1, theirs())).toThrow("the peer speaks ipv4-unicast; needed is one of ipv6");
  });

  test.each([
    ["both sides", true, [{ ...ipv4Unicast, nextHopAfi: 2 }], true],
    ["the peer alone", false, [{ ...ipv4Unicast, nextHopAfi: 2 }], false],
    ["us alone", true, [], false],
    ["both, but not for IPv4 unicast", true, [{ afi: 1, safi: 128, nextHopAfi: 2 }], false],
  ])("extends next hops (RFC 8950) where it is offered by %s", (_, extendedNextHop, value, expected) => {
    const capabilities = value.length > 0 ? [{ name: "ExtendedNextHop" as const, value }] : [];
    const agreed = negotiate({ ...parameters, extendedNextHop }, 1, theirs({ capabilities }));
    expect(agreed.extendedNextHop).toBe(expected);
  });

  test("agrees on graceful restart, whatever time and families the peer has (RFC 4724 §3)", () => {
    const value = {
      hasRestarted: true,
      survivesNotification: true,
      restartTimeSeconds: 300,
      families: [],
    };
    const open = theirs({ capabilities: [{ name: "GracefulRestart", value }] });
    const gracefulRestart = { restartTimeSeconds: 120, hasRestarted: false };
    expect(negotiate(parameters, 1, open).gracefulRestart).toBe(false);
    expect(negotiate({ ...parameters, gracefulRestart }, 1, theirs()).gracefulRestart).toBe(false);
    const agreed = negotiate({ ...parameters, gracefulRestart }, 1, open);
    expect([agreed.gracefulRestart, agreed.capabilities]).toEqual([true, ["graceful restart 120 s"]]);
  });

  test.each([
    [90_000, undefined, 90, 90_000, 30_000],
    [90_000, 5_000, 90, 90_000, 5_000],
    [90_000, 30_000, 9, 9_000, 3_000],
    [90_000, 0, 90, 90_000, 30_000],
    [0, 0, 90, 0, 0],
    [90_000, 10_000, 0, 0, 0],
  ])("makes of hold time %p and keepalive time %p, with a peer of %p s, %p and %p", (...row) => {
    const [holdTimeMs, keepaliveTimeMs, holdTimeSeconds, hold, keepalive] = row;
    const own = { ...parameters, holdTimeMs, ...(keepaliveTimeMs !== undefined && { keepaliveTimeMs }) };
    const agreed = negotiate(own, 1, theirs({ holdTimeSeconds }));
    expect([agreed.holdTimeMs, agreed.keepaliveTimeMs]).toEqual([hold, keepalive]);
  });

  test("takes a peer of any other AS as external, and one of ours as internal", () => {
    expect(negotiate({ ...internal, peerAS: "external" }, 1, theirs()).peerAS).toBe(64513);
    expect(negotiate({ ...internal, peerAS: "internal" }, 1, theirs({ myAS: 64512 })).isExternal).toBe(false);
  });
});

test("openMessage() offers what is set: IPv6, extended next hops, graceful restart with its flags", () => {
  const words = describeMessage(
    openMessage(
      {
        ...parameters,
        families: [ipv4Unicast, ipv6Unicast],
        extendedNextHop: true,
        gracefulRestart: { restartTimeSeconds: 120, hasRestarted: true, longLivedStaleSeconds: 3_600 },
        hostName: "node1",
      },
      1,
    ),
  );
  expect(words).toEndWith(
    'capabilities: ipv4-unicast, ipv6-unicast, route refresh, extended next hop ipv4-unicast, extended message, graceful restart 120 s, 4-octet AS, enhanced route refresh, long-lived graceful restart, host name "node1"',
  );
  const restart = (hasRestarted: boolean) => {
    const gracefulRestart = { restartTimeSeconds: 120, hasRestarted };
    const bytes = encodeMessage(openMessage({ ...parameters, gracefulRestart }, 1), twoOctets);
    return bytes.toHex();
  };
  // RFC 4724 §3: the Restart State bit, 120 s, IPv4 unicast with its forwarding state preserved.
  expect(restart(true)).toContain("40068078" + "00010180");
  expect(restart(false)).toContain("40060078" + "00010180");
});

test("openMessage() puts AS_TRANS where the number needs four octets", () => {
  expect(openMessage(parameters, 1).myAS).toBe(23456);
  expect(openMessage(internal, 1).myAS).toBe(64512);
});

test("RFC 9494 §3.1: long-lived graceful restart names each family with its stale time in 24 bits", () => {
  const gracefulRestart = { restartTimeSeconds: 120, hasRestarted: false, longLivedStaleSeconds: 86_400 };
  const bytes = encodeMessage(openMessage({ ...parameters, gracefulRestart }, 1), twoOctets);
  expect(bytes.toHex()).toContain("4707" + "000101" + "80" + "015180");
});
