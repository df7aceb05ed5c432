import { describe, expect, test } from "bun:test";
import { addressToBytes, type IpAddress, macToBytes, parseAddress } from "#core/net/mod.ts";
import {
  arpProbe,
  decodeArp,
  decodeNdp,
  foreignDetection,
  foreignProbe,
  gratuitousFrames,
  ipv4Number,
  ndpProbe,
  OwnedTable,
} from "./mod.ts";

const ours = "02:00:00:00:00:01";
const theirs = "02:00:00:00:00:99";
const vip = ipv4Number("192.0.2.240") as number;
const vip6 = addressToBytes(parseAddress("2001:db8::240") as IpAddress);
const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6);
const otherNonce = Uint8Array.of(1, 2, 3, 4, 5, 7);

function table(): OwnedTable {
  const owned = new OwnedTable();
  owned.set("192.0.2.240", ["eth0"]);
  owned.set("2001:db8::240", ["eth0"]);
  return owned;
}

describe("arpProbe()", () => {
  test("asks everybody and says nothing of the asker but its MAC (RFC 5227 §2.1.1)", () => {
    expect(decodeArp(arpProbe(ours, vip))).toMatchObject({
      destination: "ff:ff:ff:ff:ff:ff",
      source: ours,
      operation: 1,
      senderMac: ours,
      senderAddress: 0,
      targetMac: "00:00:00:00:00:00",
      targetAddress: vip,
    });
  });

  test.each<[string, Uint8Array | undefined, string, boolean]>([
    ["another host's probe", arpProbe(theirs, vip), "eth0", true],
    ["our own that came back", arpProbe(ours, vip), "eth0", false],
    ["one for another address", arpProbe(theirs, vip + 1), "eth0", false],
    ["one on an interface where it is not announced", arpProbe(theirs, vip), "eth1", false],
    ["an announcement", gratuitousFrames(theirs, vip)[0], "eth0", false],
  ])("foreignProbe() judges %s", (_, frame, name, isForeign) => {
    const entry = frame && foreignProbe(frame, name, table(), [macToBytes(ours)]);
    expect(entry?.address).toBe(isForeign ? "192.0.2.240" : undefined);
  });
});

describe("ndpProbe()", () => {
  test("is a valid question from nobody, in the group, with its nonce (RFC 4862 §5.4.2, RFC 7527)", () => {
    expect(decodeNdp(ndpProbe(ours, vip6, nonce))).toMatchObject({
      destination: "33:33:ff:00:02:40",
      source: ours,
      sourceAddress: { family: "ipv6", value: 0n },
      destinationAddress: parseAddress("ff02::1:ff00:240"),
      type: 135,
      target: parseAddress("2001:db8::240"),
      options: [{ type: 14, value: nonce }],
    });
  });

  test.each<[string, Uint8Array, string, boolean]>([
    ["another host's question", ndpProbe(theirs, vip6, otherNonce), "eth0", true],
    ["our own under a MAC that a bridge rewrote", ndpProbe(theirs, vip6, nonce), "eth0", false],
    ["our own of another interface", ndpProbe(ours, vip6, otherNonce), "eth0", false],
    ["one on an interface where it is not announced", ndpProbe(theirs, vip6, otherNonce), "eth1", false],
  ])("foreignDetection() judges %s", (_, frame, name, isForeign) => {
    const rival = foreignDetection(frame, name, table(), [macToBytes(ours)], nonce);
    expect(rival && [rival.entry.address, rival.mac]).toEqual(
      isForeign ? ["2001:db8::240", theirs] : undefined,
    );
  });
});
