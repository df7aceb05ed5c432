import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer, ChildRoutes } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { Frr } from "./harness/frr.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("vtysh", "bgpd", "zebra");
const group = reason ? `IPv6 over BGP against FRR: skipped, ${reason}` : "IPv6 over BGP against FRR";

setDefaultTimeout(30_000);

let lab: BgpLab<Frr>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Frr>("frrfam");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** A router of both families that waits for our AS 65100. */
function configuration(neighbor: string, ...more: string[]): string {
  return `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 no bgp network import-check
 no bgp default ipv4-unicast
 neighbor ${neighbor} remote-as 65100
 neighbor ${neighbor} passive
${more.map((line) => ` neighbor ${neighbor} ${line}\n`).join("")} address-family ipv4 unicast
  network 172.16.0.0/16
  neighbor ${neighbor} activate
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:1::/48
  neighbor ${neighbor} activate
exit
`;
}

const ipv6: ChildPeer = { name: "tor", address: "fd99::3", myASN: 65100, peerASN: 65003 };
const dual = { dualStackAddressFamily: true };
const routes: ChildRoutes[] = [
  { first: "2001:db8::240", count: 2, communities: ["65000:1", "large:65100:1:2"] },
  { first: "192.168.1.240", count: 3 },
];

async function start(config: string, peer: ChildPeer, given = routes): Promise<void> {
  await lab.startRouter((namespace) => Frr.start(namespace, config));
  await lab.startSpeaker([peer], given);
}

interface FrrPath {
  valid?: boolean;
  aspath: { string: string };
  community?: { string: string };
  largeCommunity?: { string: string };
  nexthops: { ip: string; scope?: string }[];
}

/** FRR's only path to a prefix of ours. */
async function path(family: "ipv4" | "ipv6", prefix: string): Promise<FrrPath> {
  return await eventually(`${prefix} in FRR`, () => {
    const { paths } = JSON.parse(lab.router.ask(`show bgp ${family} unicast ${prefix} json`)) as {
      paths?: FrrPath[];
    };
    return paths?.[0];
  });
}

/** Prefixes that FRR has from us in the family; NaN while there are none to be counted. */
function received(neighbor: string, family: "ipv4" | "ipv6"): number {
  const text = lab.router.ask(`show bgp ${family} unicast summary json`);
  const { peers } = JSON.parse(text) as { peers?: Record<string, { state: string; pfxRcd: number }> };
  return peers?.[neighbor]?.state === "Established" ? peers[neighbor].pfxRcd : Number.NaN;
}

const routesInFrr = (neighbor: string, ipv4Count: number, ipv6Count: number) =>
  eventually(
    `${ipv4Count} and ${ipv6Count} routes in FRR`,
    () => received(neighbor, "ipv4") === ipv4Count && received(neighbor, "ipv6") === ipv6Count,
    20_000,
    20,
  );

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv6 routes and no others go over an IPv6 session, and are withdrawn", async () => {
    await start(configuration("fd99::8"), ipv6);
    const found = await path("ipv6", "2001:db8::241/128");
    expect(found).toMatchObject({
      aspath: { string: "65100" },
      valid: true,
      community: { string: "65000:1" },
      largeCommunity: { string: "65100:1:2" },
    });
    expect(found.nexthops.map(({ ip }) => ip)).toContain("fd99::8");
    // FRR tells us its own route, and our two again.
    await eventually("three prefixes counted", async () => (await lab.session()).prefixesReceived === 3);
    expect((await lab.metrics()).families).toEqual({
      ipv4: { announced: 0, received: 0 },
      ipv6: { announced: 2, received: 3 },
    });
    await lab.setPeers([ipv6], [{ first: "2001:db8::", count: 10_000 }]);
    await eventually("10,000", () => received("fd99::8", "ipv6") === 10_000, 20_000);
    await lab.setPeers([ipv6], [{ first: "2001:db8::", count: 5_000 }]);
    await eventually("5,000", () => received("fd99::8", "ipv6") === 5_000, 20_000);
    expect(await lab.session()).toMatchObject({ state: "Established", flaps: 0, prefixesSent: 5_000 });
    expect(lab.router.log()).not.toContain("NOTIFICATION");
  });

  test("both families over an IPv4 session", async () => {
    await start(configuration("10.99.0.8"), { ...ipv6, ...dual, address: "10.99.0.3" });
    await routesInFrr("10.99.0.8", 3, 2);
    expect(await path("ipv4", "192.168.1.240/32")).toMatchObject({
      valid: true,
      nexthops: [{ ip: "10.99.0.8" }],
    });
    const { valid, nexthops } = await path("ipv6", "2001:db8::240/128");
    expect([valid, nexthops.map(({ ip }) => ip)]).toEqual([true, ["fd99::8"]]);
    expect(lab.router.log()).not.toContain("NOTIFICATION");
  });

  test("both families over an IPv6 session, IPv4 with an IPv6 next hop (RFC 8950)", async () => {
    await start(configuration("fd99::8", "capability extended-nexthop"), { ...ipv6, ...dual });
    await routesInFrr("fd99::8", 3, 2);
    const { valid, nexthops } = await path("ipv4", "192.168.1.240/32");
    expect([valid, nexthops.map(({ ip }) => ip)]).toEqual([true, ["fd99::8"]]);
    expect((await lab.session()).capabilities).toContain("extended next hop ipv4-unicast");
    // FRR sends its own IPv4 route, and ours again, in MP_REACH_NLRI: they are counted as IPv4.
    await eventually("counts", async () => (await lab.metrics()).families.ipv4.received === 4);
    await lab.setPeers([{ ...ipv6, ...dual }], [{ first: "192.168.1.240", count: 1 }]);
    await routesInFrr("fd99::8", 1, 0);
    expect(lab.router.log()).not.toContain("NOTIFICATION");
  });

  test("a link-local peer", async () => {
    const [ours, theirs] = [lab.linkLocal("speaker"), lab.linkLocal("router")];
    await start(configuration(ours, "interface eth0"), {
      ...ipv6,
      ...dual,
      address: theirs,
      interface: "eth0",
    });
    await routesInFrr(ours, 3, 2);
    const { valid, nexthops } = await path("ipv6", "2001:db8::240/128");
    expect(valid).toBe(true);
    expect(nexthops.map(({ ip, scope }) => `${scope} ${ip}`).sort()).toEqual([
      "global fd99::8",
      `link-local ${ours}`,
    ]);
  });
});
