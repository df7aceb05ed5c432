import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { BgpLab } from "./harness/bgp_lab.ts";
import type { ChildPeer } from "./harness/bgp_speaker.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";
import { OpenBgpd, type OpenBgpdPath } from "./harness/openbgpd.ts";

const reason = cannotRun("bgpctl");
const group = reason ? `BGP against OpenBGPD: skipped, ${reason}` : "BGP against OpenBGPD";

setDefaultTimeout(30_000);

let lab: BgpLab<OpenBgpd>;
beforeAll(() => {
  if (reason) return;
  lab = new BgpLab<OpenBgpd>("openbgpd");
  // OpenBGPD tells neighbours apart by their address: external sessions from .8, internal ones from .9.
  for (const address of ["10.99.0.9/24", "fd99::9/64"])
    lab.ip("speaker", "addr", "add", address, "dev", "eth0", "nodad");
});
afterEach(() => lab?.end());
afterAll(() => lab?.remove());

const ours = 4_200_000_100;
const theirs = 4_200_000_005;
const largeHere = "4200000100:1:2";

const neighbor = (address: string, asn: number, ...options: string[]) =>
  [`neighbor ${address} {`, `remote-as ${asn}`, "passive", ...options, "}"].join("\n");
/** With `local-address` OpenBGPD's port for Linux sets no key on its listener; without it, it does. */
const signed = 'tcp md5sig password "s3cret"';

const configuration = `
AS ${theirs}
router-id 10.99.0.3
listen on 10.99.0.3
listen on fd99::3
network 172.16.0.0/16 set { community 65005:7 large-community ${theirs}:1:2 }
network 2001:db8:1::/48 set { large-community ${theirs}:1:2 }
${neighbor("10.99.0.8", ours, signed)}
${neighbor("fd99::8", ours, signed)}
${neighbor("10.99.0.9", theirs, signed)}
${neighbor("fd99::9", theirs)}
allow from any
allow to any
`;

const common = { peerASN: theirs, enableGracefulRestart: true, connectTimeMs: 1_000 };
const peers: (ChildPeer & { sourceAddress: string })[] = [
  { ...common, name: "external4", address: "10.99.0.3", sourceAddress: "10.99.0.8", myASN: ours },
  { ...common, name: "external6", address: "fd99::3", sourceAddress: "fd99::8", myASN: ours },
  { ...common, name: "internal4", address: "10.99.0.3", sourceAddress: "10.99.0.9", myASN: theirs },
  { ...common, name: "internal6", address: "fd99::3", sourceAddress: "fd99::9", myASN: theirs },
].map((peer) => (peer.name === "internal6" ? peer : { ...peer, password: "s3cret" }));

/** Each session announces addresses of its own, so that no path hides another. */
const firsts: Record<string, string> = {
  external4: "192.168.1.16",
  internal4: "192.168.1.32",
  external6: "2001:db8::10",
  internal6: "2001:db8::20",
};

async function announce(count: number): Promise<void> {
  await lab.startSpeaker(peers);
  for (const { name, myASN } of peers) {
    const localPref = myASN === theirs ? { localPref: 150 } : {};
    const route = { first: firsts[name] ?? "", count, communities: ["65100:9", `large:${largeHere}`] };
    await lab.speaker.tell({ do: "routes", peer: name, routes: [{ ...route, ...localPref }] });
  }
}

/** Paths that speakers told it: its own networks left out. */
const learnt = (): OpenBgpdPath[] =>
  lab.router.paths().filter(({ exit_nexthop }) => /[89]$/.test(exit_nexthop));

const pathsInOpenBgpd = (wanted: number) =>
  eventually(`${wanted} paths`, () => learnt().length === wanted, 20_000, 30);

async function start(count: number): Promise<void> {
  await lab.startRouter((namespace) => OpenBgpd.start(namespace, configuration));
  await announce(count);
  await pathsInOpenBgpd(peers.length * count);
}

describe.skipIf(reason !== undefined)(group, () => {
  test("IPv4 and IPv6, eBGP and iBGP, with and without MD5, four-octet AS numbers and large communities both ways", async () => {
    await start(2);
    for (const { name, myASN, sourceAddress } of peers) {
      const path = learnt().find(({ prefix }) => prefix.startsWith(`${firsts[name]}/`));
      expect(path).toMatchObject({
        aspath: myASN === ours ? `${ours}` : "",
        exit_nexthop: sourceAddress,
        communities: ["65100:9"],
        large_communities: [largeHere],
        localpref: myASN === ours ? 100 : 150,
      });
      await eventually(
        `${name} hears its network`,
        async () => (await lab.metrics(name)).prefixesReceived > 0,
      );
      const { state, capabilities } = await lab.session(name);
      expect(state).toBe("Established");
      expect(capabilities).toContain("4-octet AS");
    }
    const said = (await lab.speaker.look()).messages.flat().join("\n");
    expect(said).toContain("172.16.0.0/16");
    expect(said).toContain("2001:db8:1::/48");
    expect(said).toContain(`LARGE_COMMUNITY large:${theirs}:1:2`);
    expect(said).not.toContain("NOTIFICATION");
  });

  test("graceful restart: routes stay while the speaker is killed and comes back, and what is gone goes after End-of-RIB", async () => {
    await start(2);
    await lab.speaker.end();
    await eventually("it keeps them as stale", () => learnt().filter(({ stale }) => stale).length === 8);
    await announce(1);
    let lowest = Number.POSITIVE_INFINITY;
    await eventually("what is gone goes", () => {
      const now = learnt();
      lowest = Math.min(lowest, now.length);
      return now.length === peers.length && !now.some(({ stale }) => stale);
    });
    expect(lowest).toBe(peers.length);
  });

  test("a restarted OpenBGPD, and a link that was cut, have every route again", async () => {
    await start(2);
    await lab.router.end();
    await lab.startRouter((namespace) => OpenBgpd.start(namespace, configuration));
    await pathsInOpenBgpd(8);
    await lab.setPeers(peers.map((peer) => ({ ...peer, holdTimeMs: 3_000 })));
    for (const { name } of peers) {
      const route = { first: firsts[name] ?? "", count: 2 };
      await lab.speaker.tell({ do: "routes", peer: name, routes: [route] });
      await eventually("the hold time", async () => (await lab.session(name)).holdTimeMs === 3_000);
    }
    lab.ip("router", "link", "set", "eth0", "down");
    for (const { name } of peers) await lab.trouble("Hold Timer Expired", name);
    lab.ip("router", "link", "set", "eth0", "up");
    lab.ip("router", "addr", "replace", "fd99::3/64", "dev", "eth0", "nodad");
    for (const { name } of peers) await lab.established(name);
    await pathsInOpenBgpd(8);
  });
});
