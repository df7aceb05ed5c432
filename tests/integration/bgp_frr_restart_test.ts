import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { Lowest } from "./harness/lowest.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bgpd", "zebra");
const group = reason ? `graceful restart with FRR: skipped, ${reason}` : "graceful restart with FRR";

setDefaultTimeout(90_000);

let lab: BgpLab<Frr>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Frr>("frrgr");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** A helper: what FRR is unless it is told otherwise. */
const configuration = `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor fd99::8 remote-as 65100
 neighbor fd99::8 passive
 address-family ipv4 unicast
  neighbor fd99::8 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor fd99::8 activate
exit
`;

const peer: ChildPeer = {
  name: "tor",
  address: "fd99::3",
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

/** Routes of both families that FRR would use. */
function count(): number {
  const tables = (["ipv4", "ipv6"] as const).map((family) => {
    const text = lab.router.ask(`show bgp ${family} unicast json`);
    const { routes } = JSON.parse(text) as { routes?: Record<string, { valid?: boolean }[]> };
    return Object.values(routes ?? {}).filter((paths) => paths.some(({ valid }) => valid)).length;
  });
  return tables.reduce((sum, each) => sum + each, 0);
}

const routesInFrr = (wanted: number) =>
  eventually(`${wanted} routes in FRR`, () => count() === wanted, 40_000, 20);

interface Neighbor {
  bgpState: string;
  gracefulRestartInfo?: { rBit?: boolean };
  neighborCapabilities?: object;
}

function neighbor(): Neighbor {
  const text = lab.router.ask("show bgp neighbors fd99::8 json");
  return (JSON.parse(text) as Record<string, Neighbor>)["fd99::8"] ?? expect.unreachable();
}

async function start(given = peer): Promise<void> {
  await lab.startRouter((namespace) => Frr.start(namespace, configuration));
  await lab.startSpeaker([given], three);
  await routesInFrr(6);
}

describe.skipIf(reason !== undefined)(group, () => {
  test("routes of both families stay while the speaker is killed and comes back, and what is gone goes after End-of-RIB", async () => {
    await start();
    const lowest = new Lowest(count, 20);
    await lab.speaker.end();
    await eventually("FRR sees it", () => neighbor().bgpState !== "Established");
    await Bun.sleep(1_000);
    await lab.startSpeaker([peer], two);
    await lab.established();
    await routesInFrr(4);
    expect(await lowest.stop()).toBeGreaterThanOrEqual(4);
    expect(neighbor().gracefulRestartInfo?.rBit).toBe(true);
    expect(lab.router.log()).not.toContain("NOTIFICATION");
  });

  test("a planned stop says no word, and routes stay until the next speaker is there", async () => {
    await start();
    const lowest = new Lowest(count, 20);
    await lab.speaker.tell({ do: "stop", text: "upgrade" });
    await lab.speaker.end();
    await eventually("FRR sees it", () => neighbor().bgpState !== "Established");
    await Bun.sleep(1_000);
    await lab.startSpeaker([peer], three);
    await lab.established();
    await eventually("all told", async () => (await lab.metrics()).prefixesPending === 0);
    expect(await lowest.stop()).toBe(6);
    expect(lab.router.log()).not.toContain("NOTIFICATION");
  });

  test("a change of settings that needs another session keeps every route", async () => {
    await start();
    const lowest = new Lowest(count, 20);
    await lab.speaker.tell({ do: "peers", peers: [{ ...peer, holdTimeMs: 6_000 }] });
    await eventually("the other hold time", async () => (await lab.session()).holdTimeMs === 6_000, 10_000);
    await eventually("all told", async () => (await lab.metrics()).prefixesPending === 0);
    await Bun.sleep(500);
    expect(await lowest.stop()).toBe(6);
    expect(lab.router.log()).not.toContain("NOTIFICATION: received");
  });

  test("FRR hears of long-lived graceful restart and of the node's name, and asks for routes between BoRR and EoRR", async () => {
    await start({ ...peer, longLivedStaleSeconds: 3_600 });
    expect(neighbor().neighborCapabilities).toMatchObject({
      longLivedGracefulRestart: "advertisedAndReceived",
      enhancedRouteRefresh: "advertisedAndReceived",
      hostName: { rcvHostName: "speaker" },
    });
    lab.router.ask("clear bgp ipv6 unicast fd99::8 in");
    const sent = await eventually(
      "the answer",
      async () => {
        const all = await lab.messages();
        const begin = all.indexOf("sent ROUTE-REFRESH begin ipv6-unicast");
        const end = all.indexOf("sent ROUTE-REFRESH end ipv6-unicast");
        return begin >= 0 && end > begin ? all.slice(begin + 1, end) : undefined;
      },
      40_000,
    );
    expect(sent.join()).toContain("2001:db8::240/128, 2001:db8::241/128, 2001:db8::242/128");
    expect(count()).toBe(6);
    expect(lab.router.log()).not.toContain("NOTIFICATION");
  });

  test("without enableGracefulRestart the routes go with the speaker", async () => {
    await start({ ...peer, enableGracefulRestart: false });
    await lab.speaker.end();
    await routesInFrr(0);
  });
});
