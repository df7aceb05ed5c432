import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { SystemError } from "#io/mod.ts";
import { FakeRouter } from "./fake_router.ts";
import { address, keepsRoutes, pass, peer, routes, settle, speakerFor, words } from "./fake_world.ts";
import type { PeerSettings } from "./mod.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

async function start(settings: Partial<PeerSettings>, router = new FakeRouter(64513)) {
  const { speaker } = speakerFor(router);
  speaker.setPeers([peer("tor", settings)]);
  speaker.setRoutes("tor", routes(2));
  await settle();
  return { router, speaker, session: () => speaker.sessions()[0] ?? expect.unreachable() };
}

describe("a peer that dials", () => {
  test("is waited for where it is to dial, and never dialled", async () => {
    const { router, session } = await start({ connection: "passive" });
    await pass(30_000);
    expect([router.connections.length, session().state]).toEqual([0, "Active"]);
    const connection = router.dialIn();
    await settle();
    expect([session().state, connection.table.size]).toEqual(["Established", 2]);
    connection.lose("TCP connection closed by the peer");
    await pass(30_000);
    expect([router.connections.length, session().state]).toEqual([1, "Active"]);
    router.dialIn();
    await settle();
    expect(session()).toMatchObject({ state: "Established", flaps: 1 });
  });

  test("is told Connection Rejected where nobody knows it", async () => {
    const { router, session } = await start({ connection: "passive" });
    const stranger = router.dialIn(0x0a630004n);
    await settle();
    expect(words(stranger.received)).toEqual(["NOTIFICATION Cease, Connection Rejected"]);
    expect([stranger.isClosed, session().state]).toEqual([true, "Active"]);
  });

  test("comes in while we pause after a failure", async () => {
    const router = new FakeRouter(64513);
    router.refuses = "TCP connection to 10.99.0.3:179: ECONNREFUSED";
    const { session } = await start({ connection: "both" }, router);
    await pass(20_000);
    expect(session().state).toBe("Idle");
    router.dialIn();
    await settle();
    expect(session().state).toBe("Established");
  });
});

describe("collision (RFC 4271 §6.8)", () => {
  test.each([
    ["higher: the one that we dialled stays", 0x0a630003, [false, true]],
    ["lower: the one that the peer dialled stays", 0x0a630009, [true, false]],
  ])("with our identifier %s", async (_, identifier, closed) => {
    const router = new FakeRouter(64513, 90, identifier);
    router.isMute = true;
    const { session } = await start({ connection: "both" }, router);
    const ours = router.last;
    const theirs = router.dialIn();
    await settle();
    expect([session().state, theirs.count("OPEN")]).toEqual(["OpenSent", 1]);
    ours.sendOpen();
    expect([ours.isClosed, theirs.isClosed]).toEqual([false, false]);
    theirs.sendOpen();
    expect([ours.isClosed, theirs.isClosed]).toEqual(closed);
    const [kept, lost] = ours.isClosed ? [theirs, ours] : [ours, theirs];
    expect(words(lost.received).at(-1)).toBe("NOTIFICATION Cease, Connection Collision Resolution");
    kept.send({ type: "KEEPALIVE" });
    await settle();
    expect([session().state, kept.table.size, session().lastError]).toEqual(["Established", 2, undefined]);
    await pass(30_000);
    expect(router.connections.length).toBe(2);
  });

  test("an established session stays, and the new connection goes when its OPEN has come", async () => {
    const { router, session } = await start({ connection: "both" });
    const [first, second] = [router.last, router.dialIn()];
    await settle();
    expect([first.isClosed, second.isClosed, session().flaps]).toEqual([false, true, 0]);
  });

  test("a peer of graceful restart that comes anew has restarted: its old session goes (RFC 4724 §4.2)", async () => {
    const router = new FakeRouter(64513);
    router.capabilities = [...router.capabilities, keepsRoutes];
    const { session } = await start({ connection: "both", enableGracefulRestart: true }, router);
    const atOnce = router.dialIn();
    await settle();
    expect([session().flaps, atOnce.isClosed]).toEqual([0, true]);
    await pass(6_000);
    const [first, second] = [router.connections[0] ?? expect.unreachable(), router.dialIn()];
    await settle();
    expect([first.isClosed, first.count("NOTIFICATION"), second.isClosed]).toEqual([true, 0, false]);
    expect([session().state, second.table.size]).toEqual(["Established", 2]);
  });

  test("the other connection takes over when the first one comes to nothing", async () => {
    const router = new FakeRouter(64513);
    router.isMute = true;
    const { session } = await start({ connection: "both" }, router);
    const [ours, theirs] = [router.last, router.dialIn()];
    ours.lose("TCP connection lost: ECONNRESET");
    theirs.sendOpen();
    theirs.send({ type: "KEEPALIVE" });
    await settle();
    expect([session().state, theirs.table.size]).toEqual(["Established", 2]);
    await pass(30_000);
    expect(router.connections.length).toBe(2);
  });
});

describe("listening", () => {
  const at = (router: FakeRouter) =>
    router.listening.map(
      ({ at: { address: where, port, device } }) => `${formatAddress(where)} ${port} ${device ?? ""}`,
    );

  test("happens only where a peer is to dial, at its source address, or at any", async () => {
    const { router, speaker } = await start({});
    expect(at(router)).toEqual([]);
    const source = { connection: "passive" as const, sourceAddress: address("10.99.0.8") };
    speaker.setPeers([peer("a", source), peer("b", { ...source, vrf: "red" })]);
    expect(at(router)).toEqual(["10.99.0.8 179 ", "10.99.0.8 179 red"]);
    speaker.setPeers([peer("a", source), peer("c", { connection: "both", address: address("10.99.0.4") })]);
    expect(at(router)).toEqual(["0.0.0.0 179 "]);
    speaker.setPeers([peer("a", { sourceAddress: address("10.99.0.8") })]);
    expect(at(router)).toEqual([]);
  });

  test("signs for each peer with its password, the changed one too", async () => {
    const { router, speaker } = await start({ connection: "passive", password: "one" });
    const keys = () => [...(router.listening[0]?.keys ?? [])];
    expect(keys()).toEqual([["10.99.0.3", "one"]]);
    speaker.setPeers([peer("tor", { connection: "passive", password: "two" })]);
    expect(keys()).toEqual([["10.99.0.3", "two"]]);
    speaker.setPeers([peer("tor", { connection: "passive" })]);
    expect(keys()).toEqual([["10.99.0.3", undefined]]);
  });

  test("where another program listens is said plainly, and tried again", async () => {
    const router = new FakeRouter(64513);
    router.portIsTaken = new SystemError("bind 0.0.0.0:179", "bind", 98);
    const { session } = await start({ connection: "passive" }, router);
    expect(session().lastError?.text).toBe(
      "the peer cannot dial in: cannot listen on 0.0.0.0:179: EADDRINUSE (another program listens there, perhaps another BGP daemon of this node)",
    );
    router.portIsTaken = undefined;
    await pass(11_000);
    router.dialIn();
    await settle();
    expect(session()).toMatchObject({ state: "Established" });
  });
});
