import { describe, expect, test } from "bun:test";
import { parseConfig } from "./mod.ts";

function parse(annotations: Record<string, string>, spec: Record<string, unknown> = {}) {
  const named = Object.entries(annotations).map(([name, value]) => [`metallb.io/${name}`, value]);
  const { config, issues } = parseConfig({
    pools: [],
    l2Advertisements: [],
    bgpAdvertisements: [],
    bfdProfiles: [],
    communities: [],
    peers: [
      {
        kind: "BGPPeer",
        metadata: { name: "tor", annotations: Object.fromEntries(named) },
        spec: { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1", ...spec },
      },
    ],
  });
  return { peer: config.peers[0], issues: issues.map(({ path, code }) => `${code} at ${path}`) };
}

describe("annotations of a BGPPeer", () => {
  test("say who dials, and ask for GTSM, graceful shutdown and long-lived graceful restart", () => {
    const { peer, issues } = parse(
      {
        "connection-mode": "passive",
        "ttl-security": "true",
        "graceful-shutdown-time": "5s",
        "long-lived-stale-time": "1h",
      },
      { enableGracefulRestart: true },
    );
    expect(issues).toEqual([]);
    expect(peer).toMatchObject({
      connection: "passive",
      isTtlSecured: true,
      gracefulShutdownMs: 5_000,
      longLivedStaleSeconds: 3_600,
    });
  });

  test("mean nothing where they are absent, or say what is so anyway", () => {
    const plain = parse({}).peer;
    expect(parse({ "connection-mode": "active", "ttl-security": "false" }).peer).toEqual(plain);
  });

  test.each([
    ["connection-mode", "listen", {}, "peer.connection-mode"],
    ["ttl-security", "yes", {}, "peer.ttl-security"],
    ["ttl-security", "true", { ebgpMultiHop: true }, "peer.ttl-security-multihop"],
    ["graceful-shutdown-time", "31s", {}, "peer.annotation-duration"],
    ["graceful-shutdown-time", "soon", {}, "peer.annotation-duration"],
    ["long-lived-stale-time", "1h", {}, "peer.long-lived-without-restart"],
    ["long-lived-stale-time", "5000h", { enableGracefulRestart: true }, "peer.annotation-duration"],
  ])("metallb.io/%s: %s with %j rejects the peer", (name, value, spec, code) => {
    const { peer, issues } = parse({ [name]: value }, spec);
    expect(issues).toEqual([`${code} at metadata.annotations["metallb.io/${name}"]`]);
    expect(peer).toBeUndefined();
  });
});
