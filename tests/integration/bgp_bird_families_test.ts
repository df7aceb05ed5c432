import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer, ChildRoutes } from "./harness/bgp_speaker.ts";
import { Bird } from "./harness/bird.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const reason = cannotRun("bird");
const group = reason ? `IPv6 over BGP against BIRD: skipped, ${reason}` : "IPv6 over BGP against BIRD";

setDefaultTimeout(30_000);

let lab: BgpLab<Bird>;
beforeAll(() => {
  if (!reason) lab = new BgpLab<Bird>("birdfam");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

/** A router of both families that waits for our AS 65100. */
function configuration({ neighbor = "fd99::8", as = 65003, families = "", routes = "" }): string {
  const both = "ipv4 { import all; export all; }; ipv6 { import all; export all; };";
  return `
    router id 10.99.0.3;
    protocol device {}
    protocol static { ipv6; ${routes} }
    protocol bgp spk {
      local as ${as}; neighbor ${neighbor} as 65100; passive on; hold time 9; error wait time 1, 5;
      ${families || both}
    }`;
}

const ipv6: ChildPeer = { name: "tor", address: "fd99::3", myASN: 65100, peerASN: 65003 };
const ipv4: ChildPeer = { ...ipv6, address: "10.99.0.3" };
const dual = { dualStackAddressFamily: true };

const routes: ChildRoutes[] = [
  { first: "2001:db8::240", count: 2, communities: ["65000:1", "large:65100:1:2"] },
  { first: "192.168.1.240", count: 3 },
];

async function start(options: Parameters<typeof configuration>[0], peer: ChildPeer, given = routes) {
  await lab.startRouter((namespace) => Bird.start(namespace, configuration(options)));
  await lab.startSpeaker([peer], given);
}

/** Waits until BIRD holds so many of our IPv4 and IPv6 routes. */
async function routesInBird(ipv4Count: number, ipv6Count: number): Promise<void> {
  const count = async () => [await lab.router.routeCount(), await lab.router.routeCount("master6")];
  const wanted = [ipv4Count, ipv6Count].join();
  await eventually(`${wanted} routes in BIRD`, async () => (await count()).join() === wanted, 15_000);
}

const shown = (prefix: string) => lab.router.ask(`show route for ${prefix} all`);
const complaints = () => lab.router.log().match(/<(ERR|WARN|RMT|BUG|FATAL|AUTH)>.*/g) ?? [];

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv6 routes and no others go over an IPv6 session, and are withdrawn", async () => {
    await start({}, ipv6);
    await routesInBird(0, 2);
    const route = await shown("2001:db8::240/128");
    expect(route).toContain("via fd99::8 on eth0");
    expect(route).toContain("BGP.origin: IGP");
    expect(route).toContain("BGP.as_path: 65100\n");
    expect(route).toContain("BGP.next_hop: fd99::8");
    expect(route).toContain("BGP.community: (65000,1)");
    expect(route).toContain("BGP.large_community: (65100, 1, 2)");
    expect((await lab.session()).capabilities).toEqual([
      "ipv6-unicast",
      "route refresh",
      "4-octet AS",
      "enhanced route refresh",
    ]);
    const sent = (await lab.messages()).filter((text) => text.startsWith("sent UPDATE"));
    expect(sent.at(-1)).toBe("sent UPDATE End-of-RIB ipv6-unicast");
    await lab.speaker.tell({ do: "change", peer: "tor", withdraw: [{ first: "2001:db8::241", count: 1 }] });
    await routesInBird(0, 1);
    expect(complaints()).toEqual([]);
  });

  test("IPv4 routes and no others go over an IPv4 session, though the router speaks both", async () => {
    await start({ neighbor: "10.99.0.8" }, ipv4);
    await routesInBird(3, 0);
    expect((await lab.session()).capabilities).not.toContain("ipv6-unicast");
    expect(complaints()).toEqual([]);
  });

  test("packs 10,000 IPv6 routes, withdraws 5,000 at once, and the session stays", async () => {
    await start({}, ipv6, []);
    await lab.established();
    const before = (await lab.metrics()).sent.updates;
    await lab.setPeers([ipv6], [{ first: "2001:db8::", count: 10_000 }]);
    await routesInBird(0, 10_000);
    const full = (await lab.metrics()).sent.updates;
    // 237 prefixes of 17 octets fit into one message.
    expect(full - before).toBe(43);
    await lab.setPeers([ipv6], [{ first: "2001:db8::", count: 5_000 }]);
    await routesInBird(0, 5_000);
    expect((await lab.metrics()).sent.updates - full).toBe(21);
    expect(await lab.session()).toMatchObject({ state: "Established", flaps: 0, prefixesSent: 5_000 });
    expect(complaints()).toEqual([]);
  });

  test("both families over an IPv4 session: IPv6 routes point to the interface's IPv6 address", async () => {
    await start({ neighbor: "10.99.0.8" }, { ...ipv4, ...dual });
    await routesInBird(3, 2);
    expect(await shown("192.168.1.240/32")).toContain("BGP.next_hop: 10.99.0.8");
    expect(await shown("2001:db8::240/128")).toContain("BGP.next_hop: fd99::8");
    expect((await lab.metrics()).families).toMatchObject({ ipv4: { announced: 3 }, ipv6: { announced: 2 } });
    expect(complaints()).toEqual([]);
  });

  test("both families over an IPv6 session: IPv4 routes point to the interface's IPv4 address", async () => {
    await start({}, { ...ipv6, ...dual });
    await routesInBird(3, 2);
    expect(await shown("192.168.1.240/32")).toContain("BGP.next_hop: 10.99.0.8");
    expect(await shown("2001:db8::240/128")).toContain("BGP.next_hop: fd99::8");
    expect(complaints()).toEqual([]);
  });

  test("IPv4 routes have an IPv6 next hop where the router takes it (RFC 8950), and are withdrawn", async () => {
    const families =
      "ipv4 { import all; export all; extended next hop on; }; ipv6 { import all; export all; };";
    await start({ families }, { ...ipv6, ...dual });
    await routesInBird(3, 2);
    expect(await shown("192.168.1.240/32")).toContain("BGP.next_hop: fd99::8");
    expect((await lab.session()).capabilities).toContain("extended next hop ipv4-unicast");
    await lab.setPeers([{ ...ipv6, ...dual }], [{ first: "192.168.1.240", count: 1 }]);
    await routesInBird(1, 0);
    expect(complaints()).toEqual([]);
  });

  test("a node without an address of the family says which routes it cannot announce", async () => {
    lab.ip("speaker", "addr", "del", "10.99.0.8/24", "dev", "eth0");
    try {
      await start({}, { ...ipv6, ...dual });
      await routesInBird(0, 2);
      await lab.trouble(
        "IPv4 routes are not announced to this peer: the interface of fd99::8 has no IPv4 address to be their next hop",
      );
      expect(await lab.metrics()).toMatchObject({ prefixesAnnounced: 2, prefixesPending: 0 });
    } finally {
      lab.ip("speaker", "addr", "add", "10.99.0.8/24", "dev", "eth0");
    }
  });

  test("a link-local peer is reached through its interface; the next hops are global and link-local", async () => {
    const [ours, theirs] = [lab.linkLocal("speaker"), lab.linkLocal("router")];
    await start({ neighbor: `${ours}%eth0` }, { ...ipv6, address: theirs, interface: "eth0" });
    await routesInBird(0, 2);
    expect(await shown("2001:db8::240/128")).toContain(`BGP.next_hop: fd99::8 ${ours}`);
    expect(complaints()).toEqual([]);
  });

  test("inside an AS", async () => {
    await start({ as: 65100 }, { ...ipv6, peerASN: 65100 });
    await routesInBird(0, 2);
    expect(await shown("2001:db8::240/128")).toContain("BGP.local_pref: 100\n");
    expect(complaints()).toEqual([]);
  });

  test("counts per family what the router announces, and answers its ROUTE-REFRESH for IPv6", async () => {
    const kernelBefore = lab.ip("speaker", "-6", "route");
    await start(
      { neighbor: "10.99.0.8", routes: "route 2001:db8:1::/48 blackhole; route ::/0 blackhole;" },
      { ...ipv4, ...dual },
    );
    await eventually("two prefixes", async () => (await lab.session()).prefixesReceived === 2);
    expect((await lab.metrics()).families).toMatchObject({ ipv4: { received: 0 }, ipv6: { received: 2 } });
    expect(lab.ip("speaker", "-6", "route")).toBe(kernelBefore);
    await routesInBird(3, 2);
    const before = (await lab.metrics()).sent.updates;
    await lab.router.ask("reload in spk");
    await eventually("both families again", async () => (await lab.metrics()).sent.updates === before + 2);
    await lab.router.configure(configuration({ neighbor: "10.99.0.8" }));
    await eventually("no prefix", async () => (await lab.session()).prefixesReceived === 0);
    expect(complaints()).toEqual([]);
  });
});
