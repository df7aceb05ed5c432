import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bgpd", "zebra");
const group = reason ? `unnumbered BGP with FRR: skipped, ${reason}` : "unnumbered BGP with FRR";

setDefaultTimeout(90_000);

let lab: BgpLab<Frr>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Frr>("frrunnum");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

const configuration = `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 neighbor eth0 interface remote-as external
 address-family ipv4 unicast
  neighbor eth0 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor eth0 activate
exit
`;

const peer: ChildPeer = { name: "tor", interface: "eth0", myASN: 65100, peerASN: "external" };
const routes = [
  { first: "192.168.1.240", count: 2 },
  { first: "2001:db8::240", count: 2 },
];

interface Path {
  valid?: boolean;
  nexthops?: { ip: string; scope?: string; used?: boolean }[];
}

function paths(family: "ipv4" | "ipv6"): Path[] {
  const { routes: table } = JSON.parse(lab.router.ask(`show bgp ${family} unicast json`)) as {
    routes?: Record<string, Path[]>;
  };
  return Object.values(table ?? {})
    .flat()
    .filter(({ valid }) => valid);
}

const routesInFrr = (count: number) =>
  eventually(
    `${count} valid routes of each family in FRR`,
    () => paths("ipv4").length === count && paths("ipv6").length === count,
    40_000,
    50,
  );

describe.skipIf(reason !== undefined)(group, () => {
  test("both sides find one another by router advertisements, and IPv4 routes point to the link-local address (RFC 8950)", async () => {
    await lab.startRouter((namespace) => Frr.start(namespace, configuration));
    await lab.startSpeaker([peer], routes);
    await lab.established("tor", 40_000);
    await routesInFrr(2);
    const linkLocal = lab.linkLocal("speaker");
    const hops = paths("ipv4").flatMap(({ nexthops = [] }) => nexthops.map(({ ip }) => ip));
    expect(hops.length).toBeGreaterThan(0);
    const shown = lab.router.ask("show ip route 192.168.1.240/32 json");
    expect(shown).toContain(linkLocal);
    expect(await lab.session()).toMatchObject({
      address: `${lab.linkLocal("router")}%eth0`,
      state: "Established",
      peerASN: 65003,
      flaps: 0,
    });
    expect((await lab.session()).capabilities).toContain("extended next hop ipv4-unicast");
  });

  test("both may dial: one session comes of it, and it stays", async () => {
    await lab.startRouter((namespace) => Frr.start(namespace, configuration));
    await lab.startSpeaker([{ ...peer, connection: "both" }], routes);
    await lab.established("tor", 40_000);
    await routesInFrr(2);
    await Bun.sleep(2_000);
    expect(await lab.session()).toMatchObject({ state: "Established", flaps: 0 });
  });

  test("says that nobody is heard, and finds a router that comes later", async () => {
    await lab.startSpeaker([peer], routes);
    await lab.trouble("no router advertisement was heard on interface eth0 yet");
    expect((await lab.session()).address).toBe("eth0");
    await lab.startRouter((namespace) => Frr.start(namespace, configuration));
    await lab.established("tor", 40_000);
    await routesInFrr(2);
  });
});
