import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { capabilityValues, ipv4Unicast, ipv6Unicast } from "#core/bgp/mod.ts";
import { FakeRouter } from "./fake_router.ts";
import {
  address,
  keepsRoutes,
  pass,
  peer,
  prefix,
  prefix6,
  routes,
  settle,
  speakerFor,
  words,
} from "./fake_world.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe("BgpSpeaker", () => {
  test("establishes, announces, sends differences, and says all that to the console", async () => {
    const router = new FakeRouter(64513, 30);
    let changes = 0;
    const { speaker, log } = speakerFor(router, () => changes++);
    speaker.setPeers([peer("tor")]);
    speaker.setRoutes("tor", routes(3));
    await settle();
    expect(router.last.table.size).toBe(3);
    speaker.changeRoutes("tor", {
      announce: [{ prefix: prefix(9), communities: [] }],
      withdraw: [prefix(0)],
    });
    await settle();
    expect(words(router.last.received)).toEqual([
      'OPEN AS 64512, hold time 90 s, identifier 10.99.0.8, capabilities: ipv4-unicast, route refresh, extended message, 4-octet AS, enhanced route refresh, host name "node1"',
      "KEEPALIVE",
      "UPDATE announces 10.0.0.0/32, 10.0.0.1/32, 10.0.0.2/32; ORIGIN IGP; AS_PATH 64512; NEXT_HOP 10.99.0.8",
      "UPDATE End-of-RIB ipv4-unicast",
      "UPDATE announces 10.0.0.9/32; ORIGIN IGP; AS_PATH 64512; NEXT_HOP 10.99.0.8",
      "UPDATE withdraws 10.0.0.0/32",
    ]);
    await pass(5_000);
    expect(speaker.sessions()).toEqual([
      {
        peer: "tor",
        address: "10.99.0.3",
        port: 179,
        myASN: 64512,
        peerASN: 64513,
        state: "Established",
        since: expect.any(Number),
        uptimeMs: 5_000,
        holdTimeMs: 30_000,
        keepaliveTimeMs: 10_000,
        prefixesSent: 3,
        prefixesReceived: 0,
        flaps: 0,
        capabilities: ["ipv4-unicast", "route refresh", "4-octet AS"],
        families: [{ family: "ipv4", sent: 3, received: 0 }],
        pending: 0,
        messages: {
          sent: { opens: 1, updates: 4, notifications: 0, keepalives: 1, routeRefreshes: 0 },
          received: { opens: 1, updates: 0, notifications: 0, keepalives: 1, routeRefreshes: 0 },
        },
        log: expect.any(Array),
      },
    ]);
    expect(
      speaker
        .sessions()[0]
        ?.log?.map(({ direction, text }) => `${direction} ${text}`)
        .at(-1),
    ).toBe("sent UPDATE withdraws 10.0.0.0/32");
    expect(speaker.metrics()[0]).toMatchObject({
      isUp: true,
      sent: { opens: 1, updates: 4, keepalives: 1, notifications: 0 },
      received: { opens: 1, keepalives: 1 },
      prefixesAnnounced: 3,
      prefixesPending: 0,
    });
    expect(log).toEqual(["tor (10.99.0.3): session established with AS 64513, hold time 30 s"]);
    expect(changes).toBeGreaterThan(0);
    expect(speaker.messages("tor").length).toBe(6);
  });

  test("keeps a session for an hour of keepalives: neither hold timer nor send hold timer ends it", async () => {
    const router = new FakeRouter(64513, 30);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await settle();
    for (let minute = 0; minute < 60; minute++) {
      for (let part = 0; part < 6; part++) {
        router.last.send({ type: "KEEPALIVE" });
        jest.advanceTimersByTime(10_000);
        await settle();
      }
    }
    expect(router.connections.length).toBe(1);
    expect(speaker.sessions()[0]?.state).toBe("Established");
    expect(router.last.count("KEEPALIVE")).toBeGreaterThan(360);
  });

  test("ends a session whose peer is silent, or takes no data, with the right NOTIFICATION", async () => {
    const router = new FakeRouter(64513, 30);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await settle();
    await pass(30_100);
    expect(words(router.connections[0]?.received ?? []).at(-1)).toBe("NOTIFICATION Hold Timer Expired");
    expect(speaker.sessions()[0]?.lastError?.text).toBe(
      "NOTIFICATION sent: Hold Timer Expired (neither KEEPALIVE nor UPDATE for 30 s)",
    );
    await pass(1_000);
    const stuck = router.last;
    expect(router.connections.length).toBe(2);
    stuck.stick();
    for (let part = 0; part < 49; part++) {
      stuck.send({ type: "KEEPALIVE" });
      await pass(10_000);
    }
    expect(stuck.isClosed).toBe(true);
    expect(speaker.sessions()[0]?.lastError?.text).toBe(
      "NOTIFICATION sent: Send Hold Timer Expired (the peer takes no data: its TCP window stays closed)",
    );
    expect(speaker.sessions()[0]?.flaps).toBe(2);
  });

  test("holds routes back while the peer does not read, and sends only the latest of each afterwards", async () => {
    const router = new FakeRouter(64513);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await settle();
    router.last.stick();
    speaker.setRoutes("tor", routes(60_000));
    await settle();
    const { prefixesAnnounced, prefixesPending } = speaker.metrics()[0] ?? expect.unreachable();
    expect(prefixesAnnounced + prefixesPending).toBe(60_000);
    expect(prefixesAnnounced).toBeLessThan(20_000);
    speaker.setRoutes("tor", routes(1_000));
    await settle();
    router.last.unstick();
    await settle();
    expect(router.last.table.size).toBe(1_000);
    expect(speaker.metrics()[0]?.prefixesPending).toBe(0);
  });

  test("restarts only the peer that changed; routes survive, and a peer that is gone is told so", async () => {
    const router = new FakeRouter(64513);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("a"), peer("b"), peer("c")]);
    for (const name of ["a", "b", "c"]) speaker.setRoutes(name, routes(2));
    await settle();
    const [a, b, c] = router.connections;
    speaker.setPeers([peer("b", { holdTimeMs: 30_000 }), peer("a")]);
    await settle();
    expect([a?.isClosed, b?.isClosed, c?.isClosed]).toEqual([false, true, true]);
    expect(words(b?.received ?? []).at(-1)).toBe("NOTIFICATION Cease, Other Configuration Change");
    expect(words(c?.received ?? []).at(-1)).toBe("NOTIFICATION Cease, Peer De-configured");
    expect(speaker.sessions().map(({ peer: name, state }) => `${name} ${state}`)).toEqual([
      "b Established",
      "a Established",
    ]);
    expect(router.last.table.size).toBe(2);
    expect(router.connections.length).toBe(4);
    expect(() => speaker.setRoutes("c", [])).toThrow('Cannot use BGP peer "c": setPeers() did not name it');
  });

  test("carries the family of the peer's address, and both where it is asked to", async () => {
    const router = new FakeRouter(64513);
    router.capabilities = [ipv4Unicast, ipv6Unicast].map((value) => ({ name: "Multiprotocol", value }));
    const { speaker } = speakerFor(router);
    const both = [...routes(2), { prefix: prefix6(1), communities: [] }];
    speaker.setPeers([peer("tor")]);
    speaker.setRoutes("tor", both);
    await settle();
    expect([...router.last.table]).toEqual(["10.0.0.0/32", "10.0.0.1/32"]);
    speaker.setPeers([peer("tor", { dualStackAddressFamily: true })]);
    await settle();
    expect([...router.last.table]).toEqual(["10.0.0.0/32", "10.0.0.1/32", "2001:db8::1/128"]);
    expect(
      words(router.last.received)
        .filter((text) => text.startsWith("UPDATE"))
        .slice(1),
    ).toEqual([
      "UPDATE announces 2001:db8::1/128; ORIGIN IGP; AS_PATH 64512; MP_REACH_NLRI ipv6-unicast next hop fd99::8",
      "UPDATE End-of-RIB ipv4-unicast",
      "UPDATE End-of-RIB ipv6-unicast",
    ]);
    expect(speaker.metrics()[0]?.families).toEqual({
      ipv4: { announced: 2, received: 0 },
      ipv6: { announced: 1, received: 0 },
    });
  });

  test("warns of what is not as it was asked for, beside a session that is up", async () => {
    const router = new FakeRouter(64513);
    router.warning = "sourceAddress 192.0.2.77 is not an address of this node";
    const { speaker, log } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await settle();
    expect(speaker.sessions()[0]).toMatchObject({
      state: "Established",
      lastError: { text: router.warning },
    });
    expect(log).toContain(`tor (10.99.0.3): ${router.warning}`);
    router.warning = undefined;
    router.last.lose("TCP connection lost: ECONNRESET");
    await pass(1_000);
    expect(speaker.sessions()[0]).toMatchObject({
      state: "Established",
      lastError: { text: "TCP connection lost: ECONNRESET" },
    });
  });

  test("looks into silence ever more seldom, and no more once it is explained", async () => {
    const router = new FakeRouter(64513);
    router.refuses = "TCP connection: ETIMEDOUT";
    const { speaker, log } = speakerFor(router);
    speaker.setPeers([peer("tor", { connectTimeMs: 1_000 })]);
    await pass(30_000);
    expect(router.looks.length).toBeGreaterThan(16);
    const looked = router.looks.flatMap((look, index) => (look ? [index + 1] : []));
    expect(looked.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    router.looks.findLast((look) => look !== undefined)?.("the host answers");
    expect(speaker.sessions()[0]?.lastError?.text).toBe("TCP connection: ETIMEDOUT; the host answers");
    expect(log).toContain("tor (10.99.0.3): the host answers");
    const attempts = router.looks.length;
    await pass(60_000);
    expect(router.looks.slice(attempts).every((look) => look === undefined)).toBe(true);
    router.refuses = undefined;
    await pass(2_000);
    expect(speaker.sessions()[0]?.lastError?.text).toBe("TCP connection: ETIMEDOUT");
  });

  test("stop() leaves without a word where the router keeps routes over a restart", async () => {
    const router = new FakeRouter(64513);
    router.capabilities = [...router.capabilities, keepsRoutes];
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("a", { enableGracefulRestart: true }), peer("b")]);
    await settle();
    const [a, b] = router.connections;
    await speaker.stop("upgrade");
    expect([a?.count("NOTIFICATION"), b?.count("NOTIFICATION")]).toEqual([0, 1]);
    expect([a?.isClosed, b?.isClosed]).toEqual([true, true]);
  });

  test("says that it has restarted in the first OPENs of the process, and not later", async () => {
    const router = new FakeRouter(64513);
    router.capabilities = [...router.capabilities, keepsRoutes];
    const { speaker } = speakerFor(router);
    const settings = { enableGracefulRestart: true };
    const saysRestarted = () =>
      router.last.received.flatMap((message) =>
        message.type === "OPEN" ? capabilityValues(message.capabilities, "GracefulRestart") : [],
      )[0]?.hasRestarted;
    speaker.setPeers([peer("a", settings)]);
    await settle();
    expect(saysRestarted()).toBe(true);
    router.last.lose("TCP connection lost: ECONNRESET");
    await pass(1_000);
    expect([router.connections.length, saysRestarted()]).toEqual([2, false]);
    speaker.setPeers([peer("a", { ...settings, holdTimeMs: 30_000 })]);
    await settle();
    expect([router.connections.length, saysRestarted()]).toEqual([3, false]);
    await pass(120_000);
    speaker.setPeers([peer("b", settings)]);
    await settle();
    expect(saysRestarted()).toBe(false);
  });

  test("stop() says Administrative Shutdown with its text, and does not come back", async () => {
    const router = new FakeRouter(64513);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await settle();
    await speaker.stop("node drained");
    expect(words(router.last.received).at(-1)).toBe(
      'NOTIFICATION Cease, Administrative Shutdown ("node drained")',
    );
    await pass(60_000);
    expect(router.connections.length).toBe(1);
    expect(speaker.sessions()).toEqual([]);
  });

  test("tries again with growing pauses, and says each failure once", async () => {
    const router = new FakeRouter(64513);
    router.refuses = "TCP connection to 10.99.0.3:179: ECONNREFUSED";
    const { speaker, log } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await pass(60_000);
    expect(log).toEqual(["tor (10.99.0.3): TCP connection to 10.99.0.3:179: ECONNREFUSED"]);
    expect(speaker.sessions()[0]?.state).toBe("Idle");
    router.refuses = undefined;
    await pass(10_000);
    expect(speaker.sessions()[0]?.state).toBe("Established");
  });

  test.each([
    ["a broken marker", new Uint8Array(19), "Message Header Error, Connection Not Synchronized"],
    [
      "a second OPEN",
      undefined,
      "Finite State Machine Error, Receive Unexpected Message in Established State",
    ],
  ])("answers %s with its NOTIFICATION", async (_, bytes, expected) => {
    const router = new FakeRouter(64513);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    await settle();
    const { last } = router;
    if (bytes) last.sendBytes(bytes);
    else last.send({ type: "OPEN", myAS: 64513, holdTimeSeconds: 9, bgpIdentifier: 1, capabilities: [] });
    expect(words(last.received).at(-1)).toContain(`NOTIFICATION ${expected}`);
    expect(last.isClosed).toBe(true);
    expect(speaker.sessions()[0]).toMatchObject({ state: "Idle", flaps: 1 });
  });

  test("counts what the peer announces, and answers ROUTE-REFRESH with everything", async () => {
    const router = new FakeRouter(64513);
    const { speaker } = speakerFor(router);
    speaker.setPeers([peer("tor")]);
    speaker.setRoutes("tor", routes(5));
    await settle();
    const { last } = router;
    const nextHop = address("10.99.0.3");
    last.send({
      type: "UPDATE",
      withdrawn: [],
      attributes: { ORIGIN: "IGP", AS_PATH: [], NEXT_HOP: nextHop },
      nlri: [prefix(1), prefix(2)],
      problems: [],
    });
    last.send({ type: "ROUTE-REFRESH", afi: 1, subtype: 0, safi: 1 });
    await settle();
    expect(speaker.sessions()[0]?.prefixesReceived).toBe(2);
    expect(last.count("UPDATE")).toBe(3);
    last.lose("TCP connection lost: ECONNRESET");
    expect(speaker.sessions()[0]).toMatchObject({
      prefixesReceived: 0,
      prefixesSent: 0,
      lastError: { text: "TCP connection lost: ECONNRESET" },
    });
    expect(speaker.metrics()[0]?.prefixesPending).toBe(5);
  });
});
