import { describe, expect, test } from "bun:test";
import { parseAddress } from "#core/net/mod.ts";
import { DatagramSocket, MemoryBlock, SystemError } from "./mod.ts";
import { isReadable } from "./socket.ts";

const limitMs = 1_000;
const families = [
  { family: "ipv4", text: "127.0.0.1" },
  { family: "ipv6", text: "::1" },
] as const;

function address(text: string) {
  return parseAddress(text) ?? expect.unreachable();
}

function region(text: string) {
  const made = new MemoryBlock(4_096).carve(3_000);
  made.bytes.set(new TextEncoder().encode(text));
  return made;
}

const sourcePorts = { first: 49_152, last: 65_535, random: Math.random() };

describe.each(families)("DatagramSocket over $family", ({ family, text }) => {
  test.each([255, 254, 64, 1])(
    "tells the TTL, the source, the destination and the interface: TTL %d",
    (ttl) => {
      const to = new DatagramSocket({ family, port: 0, ttl: 1, isReceiver: true });
      const from = new DatagramSocket({
        family,
        address: address(text),
        port: sourcePorts,
        ttl,
        isReceiver: false,
      });
      expect(from.port).toBeWithin(49_152, 65_536);
      expect(from.send(region("hello"), 5, { address: address(text), port: to.port })).toBe(0);
      expect(isReadable(to.fd, limitMs)).toBeTrue();
      const got = to.receive() ?? expect.unreachable();
      expect(new TextDecoder().decode(got.payload)).toBe("hello");
      expect(got).toMatchObject({ ttl, interfaceIndex: 1, sourcePort: from.port });
      const loopback = family === "ipv4" ? [127, 0, 0, 1] : [...new Uint8Array(15), 1];
      expect([[...got.source], [...got.destination]]).toEqual([loopback, loopback]);
      expect(to.receive()).toBeUndefined();
      from.close();
      to.close();
    },
  );

  test("skips what is longer than it can hold", () => {
    const to = new DatagramSocket({ family, port: 0, ttl: 1, isReceiver: true });
    const from = new DatagramSocket({ family, port: 0, ttl: 1, isReceiver: false });
    const end = { address: address(text), port: to.port };
    expect(from.send(region("long"), 3_000, end)).toBe(0);
    expect(from.send(region("short"), 5, end)).toBe(0);
    expect(isReadable(to.fd, limitMs)).toBeTrue();
    expect(to.receive()?.payload.length).toBe(5);
    from.close();
    to.close();
  });

  test("drops most of what comes from too far away, and lets some of it through to be told of", () => {
    const to = new DatagramSocket({ family, port: 0, ttl: 1, isReceiver: true, minimumTtl: 255 });
    const end = { address: address(text), port: to.port };
    const sent = (ttl: number, count: number) => {
      const from = new DatagramSocket({ family, port: 0, ttl, isReceiver: false });
      let heard = 0;
      for (let each = 0; each < count; each++) {
        expect(from.send(region("x"), 1, end)).toBe(0);
        while (to.receive()) heard++;
      }
      from.close();
      return heard;
    };
    expect(sent(255, 100)).toBe(100);
    // One of 64 by chance: none of 3,000 has a chance of 1 to 10^20, a quarter of them has less.
    expect(sent(254, 3_000)).toBeWithin(1, 750);
    to.close();
  });

  test("a taken port is a SystemError, in a range the next one serves", () => {
    const first = new DatagramSocket({ family, port: 0, ttl: 1, isReceiver: true });
    const open = (port: number | { first: number; last: number; random: number }) =>
      new DatagramSocket({ family, port, ttl: 1, isReceiver: true });
    expect(() => open(first.port)).toThrow(SystemError);
    if (first.port < 65_535) {
      const second = open({ first: first.port, last: Math.min(first.port + 20, 65_535), random: 0 });
      expect(second.port).toBeGreaterThan(first.port);
      second.close();
    }
    first.close();
  });
});
