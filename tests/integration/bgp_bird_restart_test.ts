import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { Lowest } from "./harness/lowest.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("bird");
const group = reason ? `graceful restart with BIRD: skipped, ${reason}` : "graceful restart with BIRD";

setDefaultTimeout(30_000);

let lab: BgpLab<Bird>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Bird>("birdgr");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

const configuration = `
  router id 10.99.0.3;
  protocol device {}
  protocol bgp spk {
    local as 65003; neighbor 10.99.0.8 as 65100; passive on; hold time 9; error wait time 1, 5;
    ipv4 { import all; export all; }; ipv6 { import all; export all; };
  }`;

const peer: ChildPeer = {
  name: "tor",
  address: "10.99.0.3",
  myASN: 65100,
  peerASN: 65003,
  dualStackAddressFamily: true,
  enableGracefulRestart: true,
};
const three = [
  { first: "192.168.1.240", count: 3 },
  { first: "2001:db8::240", count: 3 },
];
const two = three.map(({ first }) => ({ first, count: 2 }));

const count = async () => (await lab.router.routeCount()) + (await lab.router.routeCount("master6"));
const routesInBird = (wanted: number) =>
  eventually(`${wanted} routes in BIRD`, async () => (await count()) === wanted);
const protocol = () => lab.router.ask("show protocols all spk");

async function start(given = peer): Promise<void> {
  await lab.startRouter((namespace) => Bird.start(namespace, configuration));
  await lab.startSpeaker([given], three);
  await routesInBird(6);
}

describe.skipIf(reason !== undefined)(group, () => {
  test("routes of both families stay while the speaker is killed and comes back, and what is gone goes after End-of-RIB", async () => {
    await start();
    expect((await lab.session()).capabilities).toContain("graceful restart 120 s");
    const lowest = new Lowest(count);
    await lab.speaker.end();
    await eventually("BIRD sees it", async () => !(await protocol()).includes("Established"));
    await Bun.sleep(1_000);
    await lab.startSpeaker([peer], two);
    await lab.established();
    const words = await protocol();
    // The OPEN of a process that has just begun: R bit, both families with their forwarding preserved.
    expect(words).toMatch(
      /Restart time: 120\n\s+Restart recovery\n\s+AF supported: ipv4 ipv6\n\s+AF preserved: ipv4 ipv6/,
    );
    await routesInBird(4);
    expect(await lowest.stop()).toBeGreaterThanOrEqual(4);
    expect(lab.router.log()).not.toContain("Received:");
  });

  test("a planned stop says no word, and routes stay until the next speaker is there", async () => {
    await start();
    const lowest = new Lowest(count);
    await lab.speaker.tell({ do: "stop", text: "upgrade" });
    await lab.speaker.end();
    await Bun.sleep(1_000);
    await lab.startSpeaker([peer], three);
    await lab.established();
    const messages = await lab.messages();
    await eventually("End-of-RIB of both", async () => {
      const ends = (await lab.messages()).filter((text) => text.startsWith("sent UPDATE End-of-RIB"));
      return ends.length === 2;
    });
    expect(await lowest.stop()).toBe(6);
    expect(messages.filter((text) => text.includes("NOTIFICATION"))).toEqual([]);
    expect(lab.router.log()).not.toContain("Received:");
  });

  test("a peer that is removed is told so, and loses the routes at once", async () => {
    await start();
    await lab.speaker.tell({ do: "peers", peers: [] });
    await routesInBird(0);
    expect(lab.router.log()).toContain("spk: Received: Peer de-configured");
  });

  test("without enableGracefulRestart the routes go with the speaker", async () => {
    await start({ ...peer, enableGracefulRestart: false });
    expect((await lab.session()).capabilities.join()).not.toContain("graceful restart");
    await lab.speaker.end();
    await routesInBird(0);
    await lab.startSpeaker([{ ...peer, enableGracefulRestart: false }], three);
    await routesInBird(6);
    await lab.speaker.tell({ do: "stop", text: "upgrade" });
    await routesInBird(0);
    expect(lab.router.log()).toContain('spk: Received: Administrative shutdown: "upgrade"');
  });
});
