import { describe, expect, test } from "bun:test";
import { BgpError, ipv4Unicast, ipv6Unicast, type OpenMessage } from "../codec/mod.ts";
import { negotiate, openMessage } from "./open_check.ts";
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

function theirs(change: Partial<OpenMessage> = {}): OpenMessage {
  return { type: "OPEN", myAS: 64513, holdTimeSeconds: 90, bgpIdentifier: 2, capabilities: [], ...change };
}

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
    ]);
  });

  test("takes a peer of any other AS as external, and one of ours as internal", () => {
    expect(negotiate({ ...internal, peerAS: "external" }, 1, theirs()).peerAS).toBe(64513);
    expect(negotiate({ ...internal, peerAS: "internal" }, 1, theirs({ myAS: 64512 })).isExternal).toBe(false);
  });
});

test("openMessage() puts AS_TRANS where the number needs four octets", () => {
  expect(openMessage(parameters, 1).myAS).toBe(23456);
  expect(openMessage(internal, 1).myAS).toBe(64512);
});
