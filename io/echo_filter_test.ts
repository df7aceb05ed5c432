import { describe, expect, test } from "bun:test";
import { type EchoEnds, echoFrame } from "#core/bfd/mod.ts";
import { runBpf } from "./bpf_machine.ts";
import { echoFilter } from "./echo_filter.ts";

const own = {
  ipv4: Uint8Array.of(10, 99, 0, 8),
  ipv6: Uint8Array.fromHex("fd990000000000000000000000000008"),
};
const peer = {
  ipv4: Uint8Array.of(10, 99, 0, 3),
  ipv6: Uint8Array.fromHex("fd990000000000000000000000000003"),
};
const udp = { ipv4: 34, ipv6: 54 };
const lastWord = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(bytes.length - 4);

function frame(address: Uint8Array, change: { port?: number; protocol?: number; etherType?: number } = {}) {
  const ends: EchoEnds = { ownMac: new Uint8Array(6), peerMac: new Uint8Array(6), ownAddress: address };
  const bytes = echoFrame(ends, new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  const family = address.length === 4 ? "ipv4" : "ipv6";
  if (change.port) view.setUint16(udp[family] + 2, change.port);
  if (change.protocol) bytes[family === "ipv4" ? 23 : 20] = change.protocol;
  if (change.etherType) view.setUint16(12, change.etherType);
  return bytes;
}

describe.each(["ipv4", "ipv6"] as const)("echoFilter() for %s", (family) => {
  const program = echoFilter(7, family, { own: [lastWord(own[family])], peers: [lastWord(peer[family])] });
  const passes = (bytes: Uint8Array, packetType = 0, index = 7) =>
    runBpf(program, bytes, { 4: packetType, 8: index }) > 0;

  test("lets through own Echo packets and the peers' control packets", () => {
    expect(passes(frame(own[family]))).toBe(true);
    expect(passes(frame(peer[family], { port: 3784 }))).toBe(true);
  });

  test("drops everything else", () => {
    // The peer's own echoes pass by on their way back.
    expect(passes(frame(peer[family]))).toBe(false);
    expect(passes(frame(own[family], { port: 3784 }))).toBe(false);
    expect(passes(frame(own[family], { port: 53 }))).toBe(false);
    expect(passes(frame(own[family], { protocol: 6 }))).toBe(false);
    expect(passes(frame(own[family], { etherType: 0x0806 }))).toBe(false);
    expect(passes(frame(own[family]), 3)).toBe(false);
    expect(passes(frame(own[family]), 0, 8)).toBe(false);
  });

  test("with more addresses than it can compare, all of them pass", () => {
    const many = Array.from({ length: 200 }, (_, each) => each);
    const wide = echoFilter(7, family, { own: many, peers: many });
    expect(runBpf(wide, frame(own[family]), { 4: 0, 8: 7 })).toBeGreaterThan(0);
  });
});
