import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { FakeRouter } from "./fake_router.ts";
import { keepsRoutes, pass, peer, routes, settle, speakerFor, words } from "./fake_world.ts";
import type { PeerSettings } from "./mod.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

async function establish(settings: Partial<PeerSettings>) {
  const router = new FakeRouter(64513);
  if (settings.enableGracefulRestart) router.capabilities = [...router.capabilities, keepsRoutes];
  const { speaker, log } = speakerFor(router);
  speaker.setPeers([peer("tor", settings)]);
  speaker.setRoutes("tor", routes(2));
  await settle();
  const change = async (other: Partial<PeerSettings>) => {
    speaker.setPeers([peer("tor", { ...settings, ...other })]);
    await settle();
  };
  const session = () => speaker.sessions()[0] ?? expect.unreachable();
  return { router, speaker, log, change, session, first: router.last };
}

describe("another password", () => {
  test("is set on the running connection; the session goes on when the peer acknowledges", async () => {
    const { router, log, change, session, first } = await establish({ password: "old" });
    await change({ password: "new" });
    expect(first.keys).toEqual(["new"]);
    await pass(1_000);
    expect([router.connections.length, first.isClosed, session().flaps]).toEqual([1, false, 0]);
    expect(log.at(-1)).toBe("tor (10.99.0.3): the session goes on under the new password");
  });

  test("that the peer does not have yet is waited for, in words, until it has it", async () => {
    const { router, change, session, first } = await establish({ password: "old" });
    first.isDeaf = true;
    await change({ password: "new" });
    await pass(5_000);
    expect(session()).toMatchObject({
      state: "Established",
      lastError: { text: expect.stringContaining("likely another") },
    });
    first.isDeaf = false;
    await pass(1_000);
    expect([session().state, session().lastError, router.connections.length]).toEqual([
      "Established",
      undefined,
      1,
    ]);
  });

  test("that the peer takes on new connections only leads to one, without a NOTIFICATION", async () => {
    const { router, change, session, first } = await establish({ password: "old" });
    first.isDeaf = true;
    await change({ password: "new" });
    await pass(2_000);
    router.acceptsPassword = true;
    await pass(10_000);
    expect([first.isClosed, first.count("NOTIFICATION")]).toEqual([true, 0]);
    expect([session().state, router.connections.length, router.last.table.size]).toEqual([
      "Established",
      2,
      2,
    ]);
  });

  test("changed twice in a row ends with the last one", async () => {
    const { change, session, first } = await establish({ password: "old" });
    first.isDeaf = true;
    await change({ password: "newer" });
    await change({});
    first.isDeaf = false;
    await pass(3_000);
    expect([first.keys, session().flaps]).toEqual([["newer", "old"], 0]);
  });

  test("is used at the next attempt at once while there is no session", async () => {
    const router = new FakeRouter(64513);
    router.refuses = "TCP connection: ETIMEDOUT";
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor", { password: "old" })]);
    await pass(20_000);
    router.refuses = undefined;
    speaker.setPeers([peer("tor", { password: "new" })]);
    await settle();
    expect(speaker.sessions()[0]?.state).toBe("Established");
  });
});

describe("a change of settings", () => {
  test.each([
    ["connectTimeMs", { connectTimeMs: 3_000 }],
    ["gracefulShutdownMs", { gracefulShutdownMs: 1_000 }],
    ["bfdProfile", { bfdProfile: "fast" }],
    ["connection", { connection: "both" as const }],
  ])("of %s leaves the session alone", async (_, change) => {
    const lab = await establish({});
    await lab.change(change);
    await pass(1_000);
    expect([lab.router.connections.length, lab.session().flaps]).toEqual([1, 0]);
  });

  test("that needs another session is made without a word where the peer keeps the routes", async () => {
    const { router, change, session, first } = await establish({ enableGracefulRestart: true });
    await change({ enableGracefulRestart: true, holdTimeMs: 30_000 });
    expect([first.isClosed, first.count("NOTIFICATION")]).toEqual([true, 0]);
    expect([session().state, session().holdTimeMs, router.last.table.size]).toEqual([
      "Established",
      30_000,
      2,
    ]);
  });

  test.each([
    ["to a peer that keeps nothing", {}, { holdTimeMs: 30_000 }],
    ["that turns graceful restart off", { enableGracefulRestart: true }, { enableGracefulRestart: false }],
    ["that makes it another AS", { enableGracefulRestart: true }, { myASN: 64999 }],
  ])("%s says Cease, Other Configuration Change", async (_, before, change) => {
    const lab = await establish(before);
    await lab.change(change);
    expect(words(lab.first.received).at(-1)).toBe("NOTIFICATION Cease, Other Configuration Change");
  });
});

describe("GRACEFUL_SHUTDOWN (RFC 8326)", () => {
  test("is on every route while the node drains, and off again afterwards", async () => {
    const { speaker, first, session } = await establish({});
    speaker.setDraining(true);
    await settle();
    const drained = words(first.received).at(-1);
    expect(drained).toContain("announces 10.0.0.0/32, 10.0.0.1/32");
    expect(drained).toContain("COMMUNITIES 65535:0");
    speaker.setRoutes("tor", routes(3));
    await settle();
    expect(words(first.received).at(-1)).toContain("65535:0");
    speaker.setDraining(false);
    await settle();
    expect(words(first.received).at(-1)).not.toContain("65535:0");
    expect(session()).toMatchObject({ prefixesSent: 3, flaps: 0 });
  });

  test("goes ahead of a planned stop by the time that is asked for", async () => {
    const { speaker, first } = await establish({ gracefulShutdownMs: 5_000 });
    const stopped = speaker.stop("upgrade");
    await pass(4_500);
    expect(words(first.received).at(-1)).toContain("COMMUNITIES 65535:0");
    expect(first.isClosed).toBe(false);
    await pass(1_000);
    await stopped;
    expect(words(first.received).at(-1)).toBe('NOTIFICATION Cease, Administrative Shutdown ("upgrade")');
  });
});
