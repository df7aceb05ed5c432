import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type ChildPeer, type ChildRoutes, SpeakerProcess } from "./harness/bgp_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun, NetnsPair, run } from "./harness/netns_pair.ts";

const reason = cannotRun("bird");
const group = reason ? `BGP against BIRD: skipped, ${reason}` : "BGP against BIRD";

setDefaultTimeout(30_000);

let pair: NetnsPair;
let bird: Bird;
let speaker: SpeakerProcess;

beforeAll(() => {
  if (!reason) pair = new NetnsPair("bird", ["10.99.0.8/24"], ["10.99.0.3/24"]);
});
afterEach(async () => {
  await speaker?.end();
  await bird?.end();
});
afterAll(() => pair?.remove());

/** A router of AS 65003 that waits for our AS 65100, unless the options of its protocol say otherwise. */
function configuration(
  options: { as?: number; neighbor?: number; more?: string; routes?: string } = {},
): string {
  const { as = 65003, neighbor = 65100, more = "", routes = "" } = options;
  return `
    router id 10.99.0.3;
    protocol device {}
    protocol static { ipv4; ${routes} }
    protocol bgp spk {
      local as ${as}; neighbor 10.99.0.8 as ${neighbor}; passive on; hold time 9; error wait time 1, 5; ${more}
      ipv4 { import all; export all; next hop self; };
    }`;
}

const peer: ChildPeer = { name: "tor", address: "10.99.0.3", myASN: 65100, peerASN: 65003 };

async function start(router: string, peers: ChildPeer[], routes: ChildRoutes[] = []): Promise<void> {
  bird = await Bird.start(pair.router, router);
  speaker = new SpeakerProcess(pair.speaker);
  await speaker.tell({ do: "peers", peers });
  for (const { name } of peers) await speaker.tell({ do: "routes", peer: name, routes });
}

async function session() {
  const [only] = (await speaker.look()).sessions;
  return only ?? expect.unreachable();
}

async function metrics() {
  const [only] = (await speaker.look()).metrics;
  return only ?? expect.unreachable();
}

const established = () =>
  eventually("session established", async () => (await session()).state === "Established");

/** Resolves when BIRD holds so many of our routes, with the milliseconds that took. */
async function routesInBird(count: number, timeoutMs = 10_000): Promise<number> {
  const started = performance.now();
  await eventually(`${count} routes in BIRD`, async () => (await bird.routeCount()) === count, timeoutMs, 1);
  return performance.now() - started;
}

/** BIRD's complaints: of its own (ERR, WARN), of what the peer did (RMT), of its bugs. */
const complaints = () => bird.log().match(/<(ERR|WARN|RMT|BUG|FATAL|AUTH)>.*/g) ?? [];

describe.skipIf(reason !== undefined)(group, () => {
  test("announces /32s with next hop, AS path and communities, and withdraws within a second", async () => {
    await start(
      configuration(),
      [peer],
      [
        { first: "192.168.1.240", count: 2, communities: ["65000:1", "65535:65281", "large:65100:1:2"] },
        { first: "192.168.1.250", count: 1 },
      ],
    );
    await routesInBird(3);
    const marked = await bird.ask("show route for 192.168.1.240/32 all");
    expect(marked).toContain("192.168.1.240/32");
    expect(marked).toContain("via 10.99.0.8 on eth0");
    expect(marked).toContain("BGP.origin: IGP");
    expect(marked).toContain("BGP.as_path: 65100\n");
    expect(marked).toContain("BGP.next_hop: 10.99.0.8");
    expect(marked).toContain("BGP.community: (65000,1) (65535,65281)");
    expect(marked).toContain("BGP.large_community: (65100, 1, 2)");
    expect(await bird.ask("show route for 192.168.1.250/32 all")).not.toContain("community");
    await speaker.tell({ do: "change", peer: "tor", withdraw: [{ first: "192.168.1.241", count: 1 }] });
    const tookMs = await routesInBird(2);
    expect(tookMs).toBeLessThan(1_000);
    expect(await bird.ask("show route for 192.168.1.241/32")).not.toContain("192.168.1.241/32");
    const row = await session();
    expect(row).toMatchObject({
      state: "Established",
      prefixesSent: 2,
      peerASN: 65003,
      holdTimeMs: 9_000,
      flaps: 0,
    });
    expect(row.lastError).toBeUndefined();
    expect(complaints()).toEqual([]);
  });

  test("packs 10,000 routes, withdraws 5,000 at once, and the session stays", async () => {
    await start(configuration(), [peer]);
    await established();
    const before = await metrics();
    await speaker.tell({ do: "routes", peer: "tor", routes: [{ first: "10.0.0.0", count: 10_000 }] });
    await routesInBird(10_000);
    const full = await metrics();
    // 811 prefixes of five octets fit beside the attributes of an eBGP route.
    expect(full.sent.updates - before.sent.updates).toBe(13);
    expect(full).toMatchObject({ prefixesAnnounced: 10_000, prefixesPending: 0 });
    await speaker.tell({ do: "routes", peer: "tor", routes: [{ first: "10.0.0.0", count: 5_000 }] });
    await routesInBird(5_000);
    const half = await metrics();
    expect(half.sent.updates - full.sent.updates).toBe(7);
    expect(await session()).toMatchObject({ state: "Established", flaps: 0, prefixesSent: 5_000 });
    expect(complaints()).toEqual([]);
  });

  test("sends one message for one change among 60,000 routes", async () => {
    await start(configuration(), [peer], [{ first: "10.0.0.0", count: 60_000 }]);
    await routesInBird(60_000, 20_000);
    const before = await metrics();
    await speaker.tell({ do: "change", peer: "tor", announce: [{ first: "192.168.1.240", count: 1 }] });
    await routesInBird(60_001);
    const after = await metrics();
    expect(after.sent.updates - before.sent.updates).toBe(1);
    expect(after.bytesSent - before.bytesSent).toBeLessThan(100);
  });

  test("a BIRD that stands still makes the hold timer expire: NOTIFICATION 4, and a new session afterwards", async () => {
    await start(configuration({ more: "hold time 3;" }), [peer], [{ first: "192.168.1.240", count: 1 }]);
    await routesInBird(1);
    process.kill(bird.pid, "SIGSTOP");
    const stopped = performance.now();
    const error = await eventually("hold timer", async () => (await session()).lastError, 6_000);
    expect(performance.now() - stopped).toBeLessThan(3_500);
    expect(error.text).toBe("NOTIFICATION sent: Hold Timer Expired (neither KEEPALIVE nor UPDATE for 3 s)");
    process.kill(bird.pid, "SIGCONT");
    await eventually("BIRD reads it", () => bird.log().includes("spk: Received: Hold timer expired"));
    await established();
    await routesInBird(1);
    expect(await session()).toMatchObject({
      flaps: 1,
      lastError: { text: expect.stringContaining("Hold Timer") },
    });
  });

  test("a router that expects another AS: both sides say so in words", async () => {
    await start(configuration({ neighbor: 64999 }), [peer]);
    const refused = await eventually("words", async () => (await session()).lastError);
    expect(refused.text).toBe(
      "NOTIFICATION received: OPEN Message Error, Bad Peer AS (peer was told AS 65100 and expects another)",
    );
    expect(bird.log()).toContain("spk: Error: Bad peer AS: 65100");
    // BIRD hangs up on the next attempts while it waits; the reason stays to be read.
    const later = await eventually("a later attempt", async () => {
      const text = (await session()).lastError?.text ?? "";
      return text.includes("before that") && text;
    });
    expect(later).toContain("OPEN Message Error, Bad Peer AS (peer was told AS 65100 and expects another)");
  });

  test("a router of another AS than we expect: both sides say so in words", async () => {
    await start(configuration(), [{ ...peer, peerASN: 64999 }]);
    const refused = await eventually("words", async () => (await session()).lastError);
    expect(refused.text).toBe(
      "NOTIFICATION sent: OPEN Message Error, Bad Peer AS (the peer says it is AS 65003; 64999 is expected)",
    );
    await eventually("BIRD reads it", () => bird.log().includes("spk: Received: Bad peer AS: 65003"));
  });

  test("inside one AS of four octets: LOCAL_PREF as given, 100 where it is not", async () => {
    await start(
      configuration({ as: 4200000003, neighbor: 4200000003 }),
      [{ ...peer, myASN: 4200000003, peerASN: "internal" }],
      [
        { first: "192.168.1.240", count: 1 },
        { first: "192.168.1.241", count: 1, localPref: 300 },
      ],
    );
    await routesInBird(2);
    const unset = await bird.ask("show route for 192.168.1.240/32 all");
    expect(unset).toContain("BGP.as_path: \n");
    expect(unset).toContain("BGP.local_pref: 100\n");
    expect(await bird.ask("show route for 192.168.1.241/32 all")).toContain("BGP.local_pref: 300\n");
    expect(complaints()).toEqual([]);
  });

  test("with a router that knows only AS numbers of two octets", async () => {
    await start(configuration({ more: "enable as4 off;" }), [peer], [{ first: "192.168.1.240", count: 1 }]);
    await routesInBird(1);
    expect(await bird.ask("show route all")).toContain("BGP.as_path: 65100\n");
    expect((await session()).capabilities).toEqual([
      "ipv4-unicast",
      "route refresh",
      "enhanced route refresh",
    ]);
    expect(complaints()).toEqual([]);
  });

  test("counts what the router announces, and installs none of it", async () => {
    const kernelBefore = run("ip", "-n", pair.speaker, "route");
    await start(configuration({ routes: "route 172.16.0.0/16 blackhole; route 0.0.0.0/0 blackhole;" }), [
      peer,
    ]);
    await eventually("two prefixes", async () => (await session()).prefixesReceived === 2);
    expect(run("ip", "-n", pair.speaker, "route")).toBe(kernelBefore);
    await bird.configure(configuration());
    await eventually("no prefix", async () => (await session()).prefixesReceived === 0);
  });

  test("answers ROUTE-REFRESH with all routes", async () => {
    await start(
      configuration({ more: "enable route refresh on;" }),
      [peer],
      [{ first: "10.0.0.0", count: 2_000 }],
    );
    await routesInBird(2_000);
    const before = await metrics();
    await bird.ask("reload in spk");
    const after = await eventually("routes again", async () => {
      const now = await metrics();
      const isAnswered = now.received.routeRefreshes === 1 && now.sent.updates === before.sent.updates + 3;
      return isAnswered ? now : undefined;
    });
    expect(after.prefixesAnnounced).toBe(2_000);
    expect(await bird.routeCount()).toBe(2_000);
    expect(complaints()).toEqual([]);
  });

  test("signs TCP by MD5; with another password there is no session, and the words say what is seen", async () => {
    const signed = configuration({ more: 'password "s3cret";' });
    await start(signed, [{ ...peer, password: "s3cret" }], [{ first: "192.168.1.240", count: 1 }]);
    await routesInBird(1);
    await speaker.tell({ do: "peers", peers: [] });
    await speaker.tell({ do: "peers", peers: [{ ...peer, password: "wrong", connectTimeMs: 1_000 }] });
    const likely =
      "its host answers, but not to the TCP MD5 password that is set here: the password is likely another one there";
    await eventually("words", async () => {
      return (await session()).lastError?.text === `TCP connection: no answer within 1 s; ${likely}`;
    });
    await speaker.tell({ do: "peers", peers: [{ ...peer, password: "s3cret" }] });
    await established();
  });

  test("keeps a session of 3 s hold time while the main thread is busy for 200 ms again and again", async () => {
    await start(configuration({ more: "hold time 3;" }), [peer]);
    await established();
    const end = performance.now() + 7_000;
    while (performance.now() < end) await speaker.tell({ do: "busy", ms: 200 });
    expect(await session()).toMatchObject({ state: "Established", flaps: 0, holdTimeMs: 3_000 });
    expect((await metrics()).sent.keepalives).toBeGreaterThanOrEqual(7);
    expect(complaints()).toEqual([]);
  });

  test("loses nothing to a router that stops reading for a while", async () => {
    await start(configuration(), [peer]);
    await established();
    process.kill(bird.pid, "SIGSTOP");
    // Far more than the kernel's buffers hold: every route a set of attributes of its own.
    const wide = Array.from({ length: 200 }, (_, index) => ({
      first: `10.0.${index}.0`,
      count: 200,
      communities: Array.from({ length: 60 }, (_, value) => `${index}:${value}`),
    }));
    await speaker.tell({ do: "routes", peer: "tor", routes: wide });
    await speaker.tell({ do: "routes", peer: "tor", routes: wide.slice(50) });
    await Bun.sleep(1_000);
    process.kill(bird.pid, "SIGCONT");
    await routesInBird(30_000);
    expect(await bird.ask("show route for 10.0.199.199/32 all")).toContain("(199,59)");
    expect(await session()).toMatchObject({ state: "Established", flaps: 0, prefixesSent: 30_000 });
  });

  test("says goodbye with its text, and the router is not left with routes", async () => {
    await start(configuration(), [peer], [{ first: "192.168.1.240", count: 3 }]);
    await routesInBird(3);
    await speaker.tell({ do: "stop", text: "node drained: 점검" });
    expect(await routesInBird(0)).toBeLessThan(1_000);
    expect(bird.log()).toContain('spk: Received: Administrative shutdown: "node drained: 점검"');
  });

  test("comes back to a router that was restarted", async () => {
    await start(configuration(), [peer], [{ first: "192.168.1.240", count: 3 }]);
    await routesInBird(3);
    await bird.end();
    await eventually("the loss", async () => (await session()).state !== "Established");
    bird = await Bird.start(pair.router, configuration());
    const tookMs = await routesInBird(3);
    expect(tookMs).toBeLessThan(3_000);
    expect((await session()).flaps).toBe(1);
  });
});
