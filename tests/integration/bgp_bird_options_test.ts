import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("bird");
const group = reason ? `peer options against BIRD: skipped, ${reason}` : "peer options against BIRD";

setDefaultTimeout(30_000);

let lab: BgpLab<Bird>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Bird>("birdopt");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** Two neighbours, `four` over IPv4 and `six` over IPv6. */
function configuration({ as = 65003, neighbor = "as 65100" } = {}): string {
  const common = "passive on; hold time 9; error wait time 1, 5;";
  return `
    router id 10.99.0.3;
    protocol device {}
    protocol bgp four {
      local as ${as}; neighbor 10.99.0.8 ${neighbor}; ${common} ipv4 { import all; export all; };
    }
    protocol bgp six {
      local as ${as}; neighbor fd99::8 ${neighbor}; ${common} ipv6 { import all; export all; };
    }`;
}

const four: ChildPeer = { name: "four", address: "10.99.0.3", myASN: 65100, peerASN: 65003 };
const six: ChildPeer = { ...four, name: "six", address: "fd99::3" };

const startRouter = (config: string) => lab.startRouter((namespace) => Bird.start(namespace, config));

async function start(config: string, ...peers: ChildPeer[]): Promise<void> {
  await startRouter(config);
  await lab.startSpeaker(peers, [{ first: "192.168.1.240", count: 1 }]);
}

describe.skipIf(reason !== undefined)(group, () => {
  test("a source address of this node is used; another one is passed over, with a warning", async () => {
    lab.ip("speaker", "addr", "add", "10.99.0.88/24", "dev", "eth0");
    try {
      const config = configuration().replace("10.99.0.8 as", "10.99.0.88 as");
      await start(config, { ...four, sourceAddress: "10.99.0.88" });
      await lab.established("four");
      expect((await lab.session("four")).lastError).toBeUndefined();
      await lab.router.configure(configuration());
      await lab.setPeers([{ ...four, sourceAddress: "192.0.2.77" }]);
      await lab.established("four");
      const words = "sourceAddress 192.0.2.77 is not an address of this node: the kernel chooses";
      await lab.trouble(words, "four");
      expect((await lab.speaker.look()).log).toContain(`warn four (10.99.0.3): ${words}`);
      expect(await lab.router.ask("show protocols all four")).toContain("Neighbor address: 10.99.0.8");
    } finally {
      lab.ip("speaker", "addr", "del", "10.99.0.88/24", "dev", "eth0");
    }
  });

  test("a hold time of zero: no KEEPALIVE after the first, and the session stays", async () => {
    await start(
      configuration(),
      { ...four, holdTimeMs: 0, keepaliveTimeMs: 0 },
      { ...six, holdTimeMs: 3_000 },
    );
    await Promise.all([lab.established("four"), lab.established("six")]);
    await Bun.sleep(4_000);
    expect(await lab.session("four")).toMatchObject({ state: "Established", holdTimeMs: 0, flaps: 0 });
    expect((await lab.metrics("four")).sent.keepalives).toBe(1);
    expect((await lab.metrics("six")).sent.keepalives).toBeGreaterThanOrEqual(4);
    expect(await lab.router.ask("show protocols all four")).toContain("Hold timer:       0.000/0");
  });

  test("a keepalive time of its own, below a third of the hold time", async () => {
    await start(configuration(), { ...four, holdTimeMs: 9_000, keepaliveTimeMs: 500 });
    await lab.established("four");
    await Bun.sleep(2_000);
    expect((await lab.metrics("four")).sent.keepalives).toBeGreaterThanOrEqual(4);
    expect(await lab.session("four")).toMatchObject({ holdTimeMs: 9_000, keepaliveTimeMs: 500 });
  });

  test("connectTime bounds the pause between attempts: a router that comes late is met within it", async () => {
    await lab.startSpeaker([{ ...four, connectTimeMs: 1_000 }]);
    await lab.trouble("ECONNREFUSED", "four");
    // Without the bound the pauses would be 4 s by now.
    await Bun.sleep(4_500);
    await startRouter(configuration());
    const started = performance.now();
    await lab.established("four");
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test("routerID is the identifier that the router sees; over IPv6 one is made of the node's name", async () => {
    await start(configuration(), { ...four, routerID: "192.0.2.9" }, six);
    await Promise.all([lab.established("four"), lab.established("six")]);
    expect(await lab.router.ask("show protocols all four")).toMatch(/Neighbor ID:\s+192\.0\.2\.9\n/);
    const id = Bun.hash.crc32("speaker");
    const text = [24, 16, 8, 0].map((shift) => (id >>> shift) & 255).join(".");
    expect(await lab.router.ask("show protocols all six")).toContain(text);
  });

  test.each([
    ["internal", 65100, undefined],
    ["external", 65003, undefined],
    ["internal", 65003, "the peer says it is AS 65003; the same as ours, 65100, is expected"],
    ["external", 65100, "the peer says it is AS 65100; another than ours, 65100, is expected"],
  ] as const)("dynamicASN %s and a router of AS %p", async (peerASN, as, words) => {
    await start(configuration({ as }), { ...four, peerASN });
    if (words) {
      await lab.trouble(`NOTIFICATION sent: OPEN Message Error, Bad Peer AS (${words})`, "four");
    } else {
      await lab.established("four");
      expect((await lab.session("four")).peerASN).toBe(as);
    }
  });

  test("localASN is all that the router sees of our AS numbers", async () => {
    // What speaker/peer_settings.ts makes of myASN 65100 and localASN 4200000200.
    await start(configuration({ neighbor: "as 4200000200" }), { ...four, myASN: 4200000200 });
    await eventually("a route", async () => (await lab.router.routeCount()) === 1);
    expect(await lab.router.ask("show route all")).toContain("BGP.as_path: 4200000200\n");
  });
});
