import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { FakeRouter } from "./fake_router.ts";
import { pass, peer, settle, speakerFor, words } from "./fake_world.ts";
import type { BfdState, PeerSettings } from "./mod.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

async function establish(settings: Partial<PeerSettings> = { bfdProfile: "fast" }) {
  const router = new FakeRouter(64513);
  const { speaker } = speakerFor(router);
  speaker.setPeers([peer("tor", settings)]);
  await settle();
  const tell = (...states: BfdState[]) => {
    for (const state of states) speaker.bfdChanged("10.99.0.3", "", state);
  };
  return { router, speaker, tell, state: () => speaker.sessions()[0]?.state };
}

describe("bfdChanged() (RFC 5882 §4.2, RFC 9384)", () => {
  test("ends an Established session at once when BFD goes down, with Cease, BFD Down", async () => {
    const { router, speaker, tell, state } = await establish();
    tell("down", "up");
    expect([state(), speaker.sessions()[0]?.bfd]).toEqual(["Established", "up"]);
    tell("down");
    expect(words(router.last.received).at(-1)).toBe("NOTIFICATION Cease, BFD Down");
    expect(speaker.sessions()[0]).toMatchObject({
      state: "Idle",
      bfd: "down",
      flaps: 1,
      lastError: { text: "NOTIFICATION sent: Cease, BFD Down" },
    });
    await pass(1_000);
    expect(state()).toBe("Established");
  });

  test.each([
    ["BFD that never came up", ["down"]],
    ["the peer's administrator who switches BFD off", ["up", "adminDown"]],
    ["what follows when it was switched off", ["up", "adminDown", "down"]],
  ] as [string, BfdState[]][])("leaves the session alone for %s", async (_, states) => {
    const { tell, state } = await establish();
    tell(...states);
    expect(state()).toBe("Established");
  });

  test("concerns only the peer at that address in that VRF, and only with a profile", async () => {
    const { speaker, state } = await establish();
    speaker.bfdChanged("10.99.0.3", "red", "up");
    speaker.bfdChanged("10.99.0.3", "red", "down");
    speaker.bfdChanged("10.99.0.4", "", "up");
    speaker.bfdChanged("10.99.0.4", "", "down");
    expect([state(), speaker.sessions()[0]?.bfd]).toEqual(["Established", undefined]);
    const unwatched = await establish({});
    unwatched.tell("up", "down");
    expect(unwatched.state()).toBe("Established");
  });

  test("still concerns a session that was made anew while BFD stayed up, under its name or another", async () => {
    const { router, speaker, tell, state } = await establish();
    tell("up");
    speaker.setPeers([peer("tor", { bfdProfile: "fast", holdTimeMs: 30_000 })]);
    await settle();
    tell("down");
    expect([speaker.sessions()[0]?.bfd, words(router.last.received).at(-1)]).toEqual([
      "down",
      "NOTIFICATION Cease, BFD Down",
    ]);
    tell("up");
    speaker.setPeers([peer("renamed", { bfdProfile: "fast" })]);
    await pass(1_000);
    expect(state()).toBe("Established");
    tell("down");
    expect(words(router.last.received).at(-1)).toBe("NOTIFICATION Cease, BFD Down");
  });

  test("another profile, or none, does not touch the session", async () => {
    const { router, speaker, tell, state } = await establish();
    tell("up");
    speaker.setPeers([peer("tor", { bfdProfile: "slow" })]);
    speaker.setPeers([peer("tor")]);
    tell("down");
    await settle();
    expect([state(), router.connections.length, speaker.sessions()[0]?.bfd]).toEqual([
      "Established",
      1,
      undefined,
    ]);
  });
});
