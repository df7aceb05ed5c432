import { describe, expect, test } from "bun:test";
import { macToBytes } from "#core/net/mod.ts";
import { type ArpFrame, decodeArp, encodeArp, foreignClaim, ipv4Number, OwnedTable, respond } from "./mod.ts";

const ourMac = "02:00:00:00:00:01";
const clientMac = "02:00:00:00:00:99";
const link = { name: "eth0", mac: macToBytes(ourMac) };
const vip = ipv4Number("192.168.1.240") as number;
const vipOnEth1 = ipv4Number("192.168.1.241") as number;
const client = ipv4Number("192.168.1.5") as number;

function table(): OwnedTable {
  const owned = new OwnedTable();
  owned.set("192.168.1.240", []);
  owned.set("192.168.1.241", ["eth1"]);
  return owned;
}

function request(changes: Partial<ArpFrame> = {}): Uint8Array {
  return encodeArp({
    destination: "ff:ff:ff:ff:ff:ff",
    source: clientMac,
    operation: 1,
    senderMac: clientMac,
    senderAddress: client,
    targetMac: "00:00:00:00:00:00",
    targetAddress: vip,
    trailer: new Uint8Array(18),
    ...changes,
  });
}

function outcomeOf(frame: Uint8Array, length = frame.length) {
  const reply = new Uint8Array(42);
  const outcome = respond(frame, length, link, table(), reply);
  return typeof outcome === "string" ? outcome : { for: outcome.address, reply: decodeArp(reply) };
}

const answer = {
  destination: clientMac,
  source: ourMac,
  operation: 2,
  senderMac: ourMac,
  senderAddress: vip,
  targetMac: clientMac,
  targetAddress: client,
  trailer: new Uint8Array(0),
};

describe("respond()", () => {
  test("answers a broadcast request for an owned address with the interface's MAC", () => {
    expect(outcomeOf(request())).toEqual({ for: "192.168.1.240", reply: answer });
  });

  test("answers a request sent to the interface's own MAC", () => {
    expect(outcomeOf(request({ destination: ourMac }))).toEqual({ for: "192.168.1.240", reply: answer });
  });

  test("answers a probe, whose sender address is 0.0.0.0 (RFC 5227 §2.1.1)", () => {
    expect(outcomeOf(request({ senderAddress: 0 }))).toEqual({
      for: "192.168.1.240",
      reply: { ...answer, targetAddress: 0 },
    });
  });

  test("answers to the ARP sender, where the Ethernet source is another", () => {
    expect(outcomeOf(request({ source: "02:00:00:00:00:42" }))).toEqual({
      for: "192.168.1.240",
      reply: answer,
    });
  });

  test.each([
    ["a reply", request({ operation: 2 }), "not-a-request"],
    ["an operation nobody knows", request({ operation: 25 }), "not-a-request"],
    ["a frame for another host", request({ destination: "02:00:00:00:00:77" }), "other-destination"],
    ["a multicast frame", request({ destination: "01:00:5e:00:00:01" }), "other-destination"],
    ["an address of nobody", request({ targetAddress: vip + 9 }), "not-announced"],
    ["an address of another interface", request({ targetAddress: vipOnEth1 }), "other-interface"],
    ["another EtherType", request().with(12, 0x86), "malformed"],
    ["another protocol", request().with(16, 0x86), "malformed"],
  ])("drops %s", (_, frame, reason) => expect<unknown>(outcomeOf(frame)).toBe(reason));

  test("looks only at the bytes that were received", () => {
    expect(outcomeOf(request(), 41)).toBe("malformed");
  });
});

describe("foreignClaim()", () => {
  const claimed = (changes: Partial<ArpFrame>, interfaceName = "eth0") =>
    foreignClaim(request(changes), interfaceName, table(), [link.mac])?.address;

  test.each<[string, Partial<ArpFrame>, string | undefined]>([
    ["a foreign reply", { operation: 2, senderAddress: vip, targetAddress: client }, "192.168.1.240"],
    ["a foreign announcement", { senderAddress: vip, targetAddress: vip }, "192.168.1.240"],
    ["a request sent from our address", { senderAddress: vip, targetAddress: client }, "192.168.1.240"],
    ["our own frame that came back", { senderAddress: vip, senderMac: ourMac }, undefined],
    ["a client's request", {}, undefined],
    ["a probe", { senderAddress: 0 }, undefined],
    ["a claim of an address that we own elsewhere", { senderAddress: vipOnEth1 }, undefined],
  ])("judges %s", (_, changes, expected) => expect(claimed(changes)).toBe(expected));
});
