import { describe, expect, test } from "bun:test";
import { parseAddress } from "#core/net/mod.ts";
import { type BgpPeer, overridePeers } from "./mod.ts";

const address = (text: string) => parseAddress(text) ?? expect.unreachable();

function peer(name: string, change: Partial<BgpPeer> = {}): BgpPeer {
  return {
    name,
    myASN: 64512,
    peerASN: 64513,
    peerAddress: address("10.0.0.1"),
    peerPort: 179,
    nodeSelectors: [],
    enableGracefulRestart: false,
    ebgpMultiHop: false,
    dualStackAddressFamily: false,
    ...change,
  };
}

function override(annotations: Record<string, string>, peers = [peer("a"), peer("b")]) {
  const named = Object.entries(annotations).map(([name, value]) => [`metallb.io/bgp-${name}`, value]);
  const result = overridePeers(peers, { name: "node1", annotations: Object.fromEntries(named) });
  return { peers: result.peers, issues: result.issues.map(({ code, message }) => `${code}: ${message}`) };
}

describe("overridePeers()", () => {
  test("gives a node its own AS number towards every peer, and its own router for one of them", () => {
    const { peers, issues } = override({
      "my-asn": "64601",
      "peer-address": "b=10.0.1.1",
      "peer-asn": "b=64701",
    });
    expect(issues).toEqual([]);
    expect(peers).toEqual([
      peer("a", { myASN: 64601 }),
      peer("b", { myASN: 64601, peerASN: 64701, peerAddress: address("10.0.1.1") }),
    ]);
  });

  test("lets the value of one peer go before that of all", () => {
    const { peers } = override({ "my-asn": "64601, b=64602" });
    expect(peers.map(({ myASN }) => myASN)).toEqual([64601, 64602]);
  });

  test("takes the place of localASN, dynamicASN and interface too", () => {
    const { peerASN: _, peerAddress: __, ...rest } = peer("a");
    const dynamic: BgpPeer = { ...rest, localASN: 64999, dynamicASN: "external", interface: "eth0" };
    const { peers } = override({ "my-asn": "64601", "peer-asn": "64701", "peer-address": "fd00::1" }, [
      dynamic,
    ]);
    expect(peers).toEqual([peer("a", { myASN: 64601, peerASN: 64701, peerAddress: address("fd00::1") })]);
  });

  test("sets source address and router ID, and drops a source address of the other family", () => {
    const { peers } = override({ "source-address": "10.0.0.9", "router-id": "192.0.2.1" }, [peer("a")]);
    expect(peers[0]).toMatchObject({ sourceAddress: address("10.0.0.9"), routerID: address("192.0.2.1") });
    const replaced = override({ "peer-address": "fd00::1" }, [
      peer("a", { sourceAddress: address("10.0.0.9") }),
    ]);
    expect(replaced.peers[0]).not.toHaveProperty("sourceAddress");
  });

  test.each([
    [
      "my-asn",
      "0",
      'node.annotation-malformed: metadata.annotations["metallb.io/bgp-my-asn"]: "0" is not an AS number; allowed are 1 to 4294967295; the BGPPeer\'s own value is used',
    ],
    [
      "peer-address",
      "tor1",
      'node.annotation-malformed: metadata.annotations["metallb.io/bgp-peer-address"]: "tor1" is not an IP address; the BGPPeer\'s own value is used',
    ],
    [
      "router-id",
      "fd00::1",
      'node.annotation-malformed: metadata.annotations["metallb.io/bgp-router-id"]: "fd00::1" is not a BGP identifier; it is written as a non-zero IPv4 address (RFC 6286 §2.1); the BGPPeer\'s own value is used',
    ],
    [
      "peer-asn",
      "c=64701",
      'node.annotation-unknown-peer: metadata.annotations["metallb.io/bgp-peer-asn"]: "c=64701" is for the BGPPeer "c", which this node does not have',
    ],
  ])("reports metallb.io/bgp-%s: %s, and leaves the peers as they are", (name, value, expected) => {
    const { peers, issues } = override({ [name]: value });
    expect(issues).toEqual([expected]);
    expect(peers).toEqual([peer("a"), peer("b")]);
  });
});
