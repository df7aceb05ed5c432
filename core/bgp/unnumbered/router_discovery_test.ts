import { describe, expect, test } from "bun:test";
import { formatAddress, parseAddress } from "#core/net/mod.ts";
import { RouterDiscovery, type RouterMessage } from "./mod.ts";

function from(text: string, type: RouterMessage["type"] = "advertisement"): RouterMessage {
  return { type, source: parseAddress(text) ?? expect.unreachable() };
}

/** What is sent in each second of the span. */
function sent(discovery: RouterDiscovery, start: number, end: number): string[] {
  const out: string[] = [];
  for (let now = start; now <= end; now += 1_000) {
    for (const type of discovery.due(now)) out.push(`${now / 1000} ${type}`);
  }
  return out;
}

describe("RouterDiscovery", () => {
  test("asks and advertises at once and a few times soon, then every 10 s", () => {
    expect(sent(new RouterDiscovery(0), 0, 30_000)).toEqual([
      "0 solicitation",
      "0 advertisement",
      "3 advertisement",
      "4 solicitation",
      "6 advertisement",
      "8 solicitation",
      "16 advertisement",
      "18 solicitation",
      "26 advertisement",
      "28 solicitation",
    ]);
  });

  test("takes the first router, asks no more, and answers one that asks, at most every 3 s (RFC 4861 §6.2.6)", () => {
    const discovery = new RouterDiscovery(0);
    sent(discovery, 0, 7_000);
    expect(discovery.heard(from("fe80::3"), 7_500)).toEqual(from("fe80::3").source);
    expect(discovery.heard(from("fe80::3"), 8_000)).toBeUndefined();
    expect(sent(discovery, 8_000, 12_000)).toEqual(["9 advertisement"]);
    discovery.heard(from("fe80::3", "solicitation"), 13_000);
    discovery.heard(from("fe80::3", "solicitation"), 13_500);
    expect(sent(discovery, 13_000, 20_000)).toEqual(["13 advertisement"]);
  });

  test("keeps to the first of several routers, and takes another one when that has been silent for 25 s", () => {
    const discovery = new RouterDiscovery(0);
    discovery.heard(from("fe80::3"), 0);
    expect([discovery.heard(from("fe80::4"), 10_000), discovery.isCrowded]).toEqual([undefined, true]);
    discovery.heard(from("fe80::3"), 20_000);
    expect(discovery.heard(from("fe80::4"), 44_999)).toBeUndefined();
    expect(discovery.heard(from("fe80::4"), 45_000)).toEqual(from("fe80::4").source);
    expect(discovery.neighbour && formatAddress(discovery.neighbour)).toBe("fe80::4");
  });
});
