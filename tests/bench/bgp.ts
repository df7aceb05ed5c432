/**
 * How long routes take to a router and back out of it: our speaker to a real BIRD and a real FRR, and BIRD as the
 * announcer of the same routes to the same routers. The session is up before the clock starts. Bytes are what the
 * announcer's interface sent, TCP and Ethernet headers included; UPDATEs are what FRR says it received.
 */
import { type ChildPeer, SpeakerProcess } from "../integration/harness/bgp_speaker.ts";
import { Bird } from "../integration/harness/bird.ts";
import { eventually } from "../integration/harness/eventually.ts";
import { Frr } from "../integration/harness/frr.ts";
import { NetnsPair } from "../integration/harness/netns_pair.ts";
import { cleanUpOnSignal } from "./ending.ts";
import { nthAddress } from "./examples.ts";
import { table } from "./measure.ts";

const counts = [1_000, 10_000, 60_000];
const firstAddress = "10.0.0.0";
const timeoutMs = 20_000;

interface Receiver {
  /** Routes it has by BGP; NaN while there is no session. */
  routes(): number | Promise<number>;
  /** UPDATE messages it was sent, where it counts them. */
  updates(): number;
  end(): Promise<void>;
}

interface Announcer {
  announce(count: number): Promise<unknown>;
  withdraw(): Promise<unknown>;
  end(): Promise<void>;
}

const pair = new NetnsPair("bench", ["10.99.0.8/24"], ["10.99.0.3/24"]);
const running: { end(): Promise<void> }[] = [];
cleanUpOnSignal(cleanUp);
try {
  const receivers = { "BIRD 2": birdReceiver, "FRR 8": frrReceiver };
  const announcers = { "metallb-ts": ourAnnouncer, "BIRD 2": birdAnnouncer };
  const rows: (string | number)[][] = [];
  for (const [to, receive] of Object.entries(receivers)) {
    for (const [from, announceFrom] of Object.entries(announcers)) {
      for (const count of counts) {
        const receiver = kept(await receive());
        const announcer = kept(await announceFrom());
        await eventually("a session", async () => (await receiver.routes()) === 0, timeoutMs);
        const before = sent(receiver);
        const inMs = await until(receiver, count, () => announcer.announce(count));
        const full = sent(receiver);
        const outMs = await until(receiver, 0, () => announcer.withdraw());
        const empty = sent(receiver);
        const messages = [full.updates - before.updates, empty.updates - full.updates];
        const bytes = [full.bytes - before.bytes, empty.bytes - full.bytes];
        rows.push([to, from, count, inMs, outMs, ...messages, ...bytes.map((each) => each / count)]);
        for (const each of running.splice(0)) await each.end();
      }
    }
  }
  const headings = ["to", "from", "routes", "all there ms", "all gone ms", "UPDATEs", "to withdraw"];
  table("IPv4 /32 over eBGP", [...headings, "bytes a route", "to withdraw"], rows);
} finally {
  await cleanUp();
}

function kept<Each extends { end(): Promise<void> }>(each: Each): Each {
  running.push(each);
  return each;
}

async function cleanUp(): Promise<void> {
  for (const each of running.splice(0)) await each.end();
  pair.remove();
}

async function until(receiver: Receiver, count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  await eventually(`${count} routes`, async () => (await receiver.routes()) === count, timeoutMs, 1);
  return performance.now() - startedAt;
}

function sent(receiver: Receiver): { bytes: number; updates: number } {
  const argv = ["ip", "-n", pair.speaker, "-s", "-j", "link", "show", "dev", "eth0"];
  const [link] = JSON.parse(Bun.spawnSync(argv).stdout.toString());
  return { bytes: link.stats64.tx.bytes, updates: receiver.updates() };
}

async function birdReceiver(): Promise<Receiver> {
  const bird = await Bird.start(
    pair.router,
    `router id 10.99.0.3;
    protocol device {}
    protocol bgp spk {
      local as 65003; neighbor 10.99.0.8 as 65100; passive on;
      ipv4 { import all; export none; };
    }`,
  );
  let isUp = false;
  return {
    async routes() {
      isUp ||= (await bird.ask("show protocols spk")).includes("Established");
      return isUp ? await bird.routeCount() : Number.NaN;
    },
    updates: () => Number.NaN,
    end: () => bird.end(),
  };
}

async function frrReceiver(): Promise<Receiver> {
  const frr = Frr.start(
    pair.router,
    `frr defaults datacenter
router bgp 65003
 bgp router-id 10.99.0.3
 no bgp ebgp-requires-policy
 neighbor 10.99.0.8 remote-as 65100
 neighbor 10.99.0.8 passive
 address-family ipv4 unicast
  neighbor 10.99.0.8 activate
exit
`,
  );
  return {
    routes() {
      const { peers } = JSON.parse(frr.ask("show bgp ipv4 unicast summary json")) as {
        peers?: Record<string, { state: string; pfxRcd: number }>;
      };
      const us = peers?.["10.99.0.8"];
      return us?.state === "Established" ? us.pfxRcd : Number.NaN;
    },
    updates() {
      const answer = JSON.parse(frr.ask("show bgp neighbors 10.99.0.8 json"));
      return answer["10.99.0.8"].messageStats.updatesRecv;
    },
    end: () => frr.end(),
  };
}

async function ourAnnouncer(): Promise<Announcer> {
  const speaker = new SpeakerProcess(pair.speaker);
  const peer: ChildPeer = { name: "tor", address: "10.99.0.3", myASN: 65100, peerASN: 65003 };
  await speaker.tell({ do: "peers", peers: [peer] });
  const routes = (count: number) =>
    speaker.tell({ do: "routes", peer: "tor", routes: count === 0 ? [] : [{ first: firstAddress, count }] });
  return { announce: routes, withdraw: () => routes(0), end: () => speaker.end() };
}

/** The routes are static ones, read while the session stands; announcing is their arrival in the table. */
async function birdAnnouncer(): Promise<Announcer> {
  const configuration = (count: number) => {
    const routes = Array.from(
      { length: count },
      (_, at) => `route ${nthAddress(firstAddress, at)}/32 blackhole;`,
    );
    return `router id 10.99.0.8;
      protocol device {}
      protocol static vips { ipv4; ${routes.join("\n")} }
      protocol bgp tor {
        local as 65100; neighbor 10.99.0.3 as 65003; connect delay time 1;
        ipv4 { import none; export all; next hop self; };
      }`;
  };
  const bird = await Bird.start(pair.speaker, configuration(0));
  return {
    announce: (count) => bird.configure(configuration(count)),
    withdraw: () => bird.configure(configuration(0)),
    end: () => bird.end(),
  };
}
