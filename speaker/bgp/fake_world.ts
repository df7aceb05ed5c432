import { jest } from "bun:test";
import { describeMessage, type Message, type Route } from "#core/bgp/mod.ts";
import { maskAddress, type Prefix, parseAddress } from "#core/net/mod.ts";
import type { FakeRouter } from "./fake_router.ts";
import { BgpSpeaker, type BgpWorld, type PeerSettings } from "./mod.ts";

// For tests: a speaker on virtual time (`jest.useFakeTimers()`) whose routers are in memory.

/** Lets promises and immediates run; no time passes. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export async function pass(ms: number): Promise<void> {
  const step = 500;
  for (let at = 0; at < ms; at += step) {
    jest.advanceTimersByTime(Math.min(step, ms - at));
    await settle();
  }
}

export function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`Not an address: ${text}`);
  return parsed;
}

export function peer(name: string, change: Partial<PeerSettings> = {}): PeerSettings {
  return { name, address: address("10.99.0.3"), port: 179, myASN: 64512, peerASN: 64513, ...change };
}

export function prefix(index: number): Prefix {
  return maskAddress({ family: "ipv4", value: 0x0a000000n + BigInt(index) }, 32);
}

export function prefix6(index: number): Prefix {
  return maskAddress({ family: "ipv6", value: (0x20010db8n << 96n) + BigInt(index) }, 128);
}

/** What a router that keeps routes over a restart offers (RFC 4724 §3). */
export const keepsRoutes = {
  name: "GracefulRestart" as const,
  value: { hasRestarted: false, survivesNotification: false, restartTimeSeconds: 120, families: [] },
};

export function routes(count: number): Route[] {
  return Array.from({ length: count }, (_, index) => ({ prefix: prefix(index), communities: [] }));
}

/** A speaker whose every peer is the same router. */
export function speakerFor(router: FakeRouter, onChange = () => {}) {
  const log: string[] = [];
  const world: BgpWorld = {
    clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
    random: () => 0.5,
    dial: router.dial,
    listen: router.listen,
    acceptsPassword: async () => router.acceptsPassword,
  };
  const options = {
    nodeName: "node1",
    onChange,
    log: (_: string, who: string, what: string) => log.push(`${who}: ${what}`),
  };
  return { speaker: new BgpSpeaker(options, world), log };
}

export const words = (messages: readonly Message[]) => messages.map(describeMessage);
