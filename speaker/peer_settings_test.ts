import { describe, expect, test } from "bun:test";
import type { BgpPeer } from "#core/config/mod.ts";
import { parseAddress } from "#core/net/mod.ts";
import { peerSettings } from "./peer_settings.ts";

const address = parseAddress("10.0.0.1") ?? expect.unreachable();

const peer: BgpPeer = {
  name: "tor",
  myASN: 64512,
  peerASN: 64513,
  peerAddress: address,
  peerPort: 179,
  nodeSelectors: [],
  enableGracefulRestart: false,
  ebgpMultiHop: false,
  dualStackAddressFamily: false,
};

function settingsOf(change: Partial<BgpPeer>) {
  return peerSettings([{ ...peer, ...change }], {})[0];
}

describe("peerSettings()", () => {
  test("passes on only what is set", () => {
    expect(settingsOf({})).toEqual({ name: "tor", address, port: 179, myASN: 64512, peerASN: 64513 });
  });

  test("presents localASN to the peer instead of myASN", () => {
    expect(settingsOf({ localASN: 4200000200 })?.myASN).toBe(4200000200);
  });

  test("takes dynamicASN for the peer's", () => {
    const { peerASN: _, ...unnumbered } = peer;
    expect(peerSettings([{ ...unnumbered, dynamicASN: "external" }], {})[0]?.peerASN).toBe("external");
  });

  test("a time of zero is a time", () => {
    expect(settingsOf({ holdTimeMs: 0, keepaliveTimeMs: 0 })).toMatchObject({
      holdTimeMs: 0,
      keepaliveTimeMs: 0,
    });
  });

  test("passes on graceful restart and both families where they are asked for", () => {
    expect(settingsOf({ enableGracefulRestart: true, dualStackAddressFamily: true })).toMatchObject({
      enableGracefulRestart: true,
      dualStackAddressFamily: true,
    });
  });
});
