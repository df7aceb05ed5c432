import { describe, expect, test } from "bun:test";
import { addressToBytes, type IpAddress, macToBytes, parseAddress } from "#core/net/mod.ts";
import {
  decodeNdp,
  encodeNdp,
  foreignAdvertisement,
  type NdpFrame,
  ndpDropReasons,
  ndpFrameBytes,
  OwnedTable,
  respondNdp,
  unsolicitedAdvertisement,
} from "./mod.ts";

const ip = (text: string) => parseAddress(text) as IpAddress;
const ourMac = "02:00:00:00:00:01";
const clientMac = "02:00:00:00:00:99";
const ours = { name: "eth0", mac: macToBytes(ourMac), linkLocal: addressToBytes(ip("fe80::1")) };
const vip = ip("fd00:1::240");
const vipOnEth1 = ip("fd00:1::241");
const client = ip("fd00:1::100");
const sourceOption = { type: 1, value: macToBytes(clientMac) };
const targetOption = { type: 2, value: macToBytes(ourMac) };

function table(): OwnedTable {
  const owned = new OwnedTable();
  owned.set("fd00:1::240", []);
  owned.set("fd00:1::241", ["eth1"]);
  return owned;
}

function solicitation(changes: Partial<NdpFrame> = {}): Uint8Array {
  return encodeNdp({
    destination: "33:33:ff:00:02:40",
    source: clientMac,
    trafficClassAndFlow: 0,
    sourceAddress: client,
    destinationAddress: ip("ff02::1:ff00:240"),
    type: 135,
    flags: 0,
    target: vip,
    options: [sourceOption],
    trailer: new Uint8Array(0),
    ...changes,
  });
}

function outcomeOf(frame: Uint8Array, length = frame.length) {
  // Where another answer was written before.
  const reply = new Uint8Array(ndpFrameBytes).fill(0xa5);
  const outcome = respondNdp(frame, length, ours, table(), reply);
  return typeof outcome === "string" ? outcome : { for: outcome.address, reply: decodeNdp(reply) };
}

const answer = {
  destination: clientMac,
  source: ourMac,
  trafficClassAndFlow: 0,
  sourceAddress: vip,
  destinationAddress: client,
  type: 136,
  flags: 0x40000000,
  target: vip,
  options: [targetOption],
  trailer: new Uint8Array(0),
} as const;
const toAll = {
  ...answer,
  destination: "33:33:00:00:00:01",
  sourceAddress: ip("fe80::1"),
  destinationAddress: ip("ff02::1"),
  flags: 0x20000000,
};

describe("respondNdp()", () => {
  test("answers the asker from the address itself, Solicited and without Override", () => {
    expect(outcomeOf(solicitation())).toEqual({ for: "fd00:1::240", reply: answer });
  });

  test("answers a question that is sent to the address itself and this MAC, with the option or without", () => {
    const direct = { destination: ourMac, destinationAddress: vip };
    expect(outcomeOf(solicitation(direct))).toEqual({ for: "fd00:1::240", reply: answer });
    expect(outcomeOf(solicitation({ ...direct, options: [] }))).toEqual({
      for: "fd00:1::240",
      reply: answer,
    });
  });

  test("answers to the MAC in the option, also behind options nobody knows", () => {
    const options = [{ type: 14, value: new Uint8Array(6) }, sourceOption];
    expect(outcomeOf(solicitation({ source: "02:00:00:00:00:42", options }))).toEqual({
      for: "fd00:1::240",
      reply: answer,
    });
  });

  test("tells everybody, with Override, when a host asks before it takes the address (RFC 4862 §5.4.3)", () => {
    const nonce = { type: 14, value: new Uint8Array(6).fill(7) };
    for (const options of [[], [nonce]])
      expect(outcomeOf(solicitation({ sourceAddress: ip("::"), options }))).toEqual({
        for: "fd00:1::240",
        reply: toAll,
      });
  });

  test.each<[string, Uint8Array, keyof typeof ndpDropReasons]>([
    ["an advertisement", solicitation({ type: 136 }), "not-a-solicitation"],
    ["a frame for another host", solicitation({ destination: "02:00:00:00:00:77" }), "other-destination"],
    ["an address of nobody", solicitation({ target: ip("fd00:1::249") }), "not-announced"],
    ["an address that only ends alike", solicitation({ target: ip("fd00:2::240") }), "not-announced"],
    ["an address of another interface", solicitation({ target: vipOnEth1 }), "other-interface"],
    ["hop limit 64", solicitation().with(21, 64), "hop-limit"],
    ["a wrong checksum", solicitation().with(56, 0).with(57, 0), "checksum"],
  ])("drops %s", (_, frame, reason) => {
    expect<unknown>(outcomeOf(frame)).toBe(reason);
    expect(ndpDropReasons[reason]).toBeString();
  });

  test("looks only at the bytes that were received", () => {
    expect(outcomeOf(solicitation(), 85)).toBe("short");
  });
});

test("unsolicitedAdvertisement() goes to everybody with Override", () => {
  expect(decodeNdp(unsolicitedAdvertisement(ours, addressToBytes(vip)))).toEqual(toAll);
});

describe("foreignAdvertisement()", () => {
  const foreign = {
    type: 136,
    flags: 0x20000000,
    options: [{ type: 2, value: macToBytes(clientMac) }],
  } as const;

  test.each<[string, Partial<NdpFrame>, string | undefined]>([
    ["a foreign advertisement", foreign, clientMac],
    ["one whose option names another host than its frame", { ...foreign, source: ourMac }, clientMac],
    ["one without the option", { ...foreign, options: [] }, clientMac],
    ["our own that came back", { ...foreign, options: [targetOption] }, undefined],
    ["our own without the option", { ...foreign, source: ourMac, options: [] }, undefined],
    ["a client's question", {}, undefined],
    ["one for an address of nobody", { ...foreign, target: ip("fd00:1::249") }, undefined],
    ["one for an address that we own elsewhere", { ...foreign, target: vipOnEth1 }, undefined],
  ])("judges %s", (_, changes, mac) => {
    const claim = foreignAdvertisement(solicitation(changes), "eth0", table(), [ours.mac]);
    expect(claim?.mac).toBe(mac);
    expect(claim?.entry.address).toBe(mac && "fd00:1::240");
  });
});
