/** What only our speaker is asked for: its start, one change in a large table, growth, many peers, keepalives. */
import { type ChildPeer, SpeakerProcess } from "../../integration/harness/bgp_speaker.ts";
import { Bird } from "../../integration/harness/bird.ts";
import { eventually } from "../../integration/harness/eventually.ts";
import { run } from "../../integration/harness/netns_pair.ts";
import { nthAddress } from "../examples.ts";
import { median, memoryOf, quantile, table } from "../measure.ts";
import { router } from "./announcers.ts";
import { firstRoute, type Link, ourAddress, ourAS, theirAddress, theirAS } from "./link.ts";
import { frrReceiver, type Receiver } from "./receivers.ts";
import { until } from "./tables.ts";

const limitMs = 60_000;

/**
 * From `spawn` of a process with our BGP driver alone to its first route in FRR, JavaScript's start included. A first
 * run does not count: FRR closes connections for a second after its own start.
 */
export async function measureStart(link: Link, runs: number): Promise<void> {
  const tookMs: number[] = [];
  const frr = link.kept(await frrReceiver(link.pair.router));
  for (let each = -1; each < runs; each++) {
    const startedAt = performance.now();
    const speaker = link.kept(new SpeakerProcess(link.pair.speaker));
    await speaker.tell({ do: "peers", peers: [router] });
    await speaker.tell({ do: "routes", peer: router.name, routes: [{ first: firstRoute, count: 1 }] });
    await eventually("the route", async () => (await frr.routes()) === 1, limitMs, 1);
    if (each >= 0) tookMs.push(performance.now() - startedAt);
    await speaker.end();
    await eventually("the end", async () => Number.isNaN(await frr.routes()), limitMs);
  }
  await link.endAll();
  const row = [runs, median(tookMs), Math.min(...tookMs), Math.max(...tookMs)];
  table("Process start to first route in FRR", ["runs", "median ms", "least", "most"], [row]);
}

async function withFrr(link: Link): Promise<{ frr: Receiver; speaker: SpeakerProcess }> {
  const frr = link.kept(await frrReceiver(link.pair.router));
  const speaker = link.kept(new SpeakerProcess(link.pair.speaker));
  await speaker.tell({ do: "peers", peers: [router] });
  await eventually("a session", async () => (await frr.routes()) === 0, limitMs);
  return { frr, speaker };
}

/** One route more, and 5,000 less at once, in tables of these sizes. */
export async function measureChanges(link: Link, counts: readonly number[]): Promise<void> {
  const { frr, speaker } = await withFrr(link);
  const peer = router.name;
  const rows: number[][] = [];
  for (const count of counts) {
    const all = [{ first: firstRoute, count }];
    await until(frr, count, () => speaker.tell({ do: "routes", peer, routes: all }));
    const one = [{ first: "172.31.0.0", count: 1 }];
    const [tookMs, updates]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < 10; turn++) {
      const before = frr.updates();
      tookMs.push(await until(frr, count + 1, () => speaker.tell({ do: "change", peer, announce: one })));
      updates.push(frr.updates() - before);
      await until(frr, count, () => speaker.tell({ do: "change", peer, withdraw: one }));
    }
    const before = frr.updates();
    const less = [{ first: firstRoute, count: 5_000 }];
    const lessMs = await until(frr, count - 5_000, () =>
      speaker.tell({ do: "change", peer, withdraw: less }),
    );
    rows.push([count, median(tookMs), Math.max(...updates), lessMs, frr.updates() - before]);
    await until(frr, 0, () => speaker.tell({ do: "routes", peer, routes: [] }));
  }
  const { sessions } = await speaker.look();
  const headings = ["in the table", "one more ms", "UPDATEs", "5,000 less ms", "UPDATEs"];
  table(`Changes, until FRR has them (${sessions[0]?.flaps} sessions lost)`, headings, rows);
  await link.endAll();
}

/** Services that appear one at a time, a command each. */
export async function measureGrowth(link: Link, count: number, blocks: number): Promise<void> {
  const { frr, speaker } = await withFrr(link);
  const [rows, size] = [[] as number[][], count / blocks];
  for (let block = 0; block < blocks; block++) {
    const before = frr.updates();
    const tookMs = await until(frr, (block + 1) * size, async () => {
      for (let each = block * size; each < (block + 1) * size; each++) {
        const announce = [{ first: nthAddress(firstRoute, each), count: 1 }];
        await speaker.tell({ do: "change", peer: router.name, announce });
      }
    });
    rows.push([block * size, tookMs, (tookMs / size) * 1e3, frr.updates() - before]);
  }
  const headings = ["already there", `${size.toLocaleString("en")} more ms`, "us each", "UPDATEs"];
  table("Services that appear one at a time", headings, rows);
  await link.endAll();
}

/** Sessions with as many neighbours of one BIRD, each told the same routes. */
export async function measurePeers(link: Link, count: number, routes: number): Promise<void> {
  const [ours, theirs] = ["10.99.2.0", "10.99.1.0"];
  const each = Array.from(
    { length: count },
    (_, at) => [nthAddress(ours, at), nthAddress(theirs, at)] as const,
  );
  const { speaker: near, router: far } = link.pair;
  for (const [source, address] of each) {
    run("ip", "-n", near, "addr", "replace", `${source}/16`, "dev", "eth0");
    run("ip", "-n", far, "addr", "replace", `${address}/16`, "dev", "eth0");
  }
  const protocols = each.map(
    ([source, address], at) => `protocol bgp spk${at} {
      local ${address} as ${theirAS}; neighbor ${source} as ${ourAS}; passive on; ipv4 { import all; export none; };
    }`,
  );
  const bird = link.kept(
    await Bird.start(far, `router id ${theirAddress}; protocol device {} ${protocols.join("\n")}`),
  );
  const speaker = link.kept(new SpeakerProcess(near));
  await speaker.look();
  const before = (await memoryOf(speaker.pid)).nowMB;
  const peers = each.map(
    ([sourceAddress, address], at): ChildPeer => ({ ...router, name: `tor${at}`, address, sourceAddress }),
  );
  const startedAt = performance.now();
  await speaker.tell({ do: "peers", peers });
  for (const { name } of peers)
    await speaker.tell({ do: "routes", peer: name, routes: [{ first: firstRoute, count: routes }] });
  await eventually(
    "every session's routes",
    async () => (await bird.routeCount()) === count * routes,
    limitMs,
    20,
  );
  const tookMs = performance.now() - startedAt;
  const { nowMB, peakMB } = await memoryOf(speaker.pid);
  const row = [count, routes, tookMs, before, nowMB, peakMB, ((nowMB - before) / count) * 1024];
  const headings = ["peers", "routes each", "all told ms", "MB before", "MB after", "peak", "kB a peer"];
  table("Peers in one process", headings, [row]);
  await link.endAll();
}

/**
 * KEEPALIVEs of a session that has nothing else to say, at a hold time of 3 s, while another one of the same process
 * is told 10,000 routes again and again. RFC 4271 §10 has them come after 75 to 100 % of a second.
 */
export async function measureKeepalives(link: Link, seconds: number): Promise<void> {
  const [source, address] = ["10.99.0.9", "10.99.0.4"];
  run("ip", "-n", link.pair.speaker, "addr", "replace", `${source}/16`, "dev", "eth0");
  run("ip", "-n", link.pair.router, "addr", "replace", `${address}/16`, "dev", "eth0");
  const protocol = (name: string, here: string, there: string) => `protocol bgp ${name} {
    local ${here} as ${theirAS}; neighbor ${there} as ${ourAS}; passive on; hold time 3;
    ipv4 { import all; export none; }; }`;
  const protocols = [protocol("busy", theirAddress, ourAddress), protocol("quiet", address, source)];
  const bird = link.kept(
    await Bird.start(
      link.pair.router,
      `router id ${theirAddress}; protocol device {} ${protocols.join("\n")}`,
    ),
  );
  const speaker = link.kept(new SpeakerProcess(link.pair.speaker));
  const holdTimeMs = 3_000;
  const quiet: ChildPeer = { ...router, name: "quiet", address, sourceAddress: source, holdTimeMs };
  await speaker.tell({ do: "peers", peers: [{ ...router, sourceAddress: ourAddress, holdTimeMs }, quiet] });
  await eventually(
    "both sessions",
    async () => (await bird.ask("show protocols")).match(/Established/g)?.length === 2,
    limitMs,
  );
  const times = watchSmallSegments(link.pair.router, source);
  const until = performance.now() + seconds * 1e3;
  let changes = 0;
  for (let turn = 0; performance.now() < until; turn++) {
    const routes = [{ first: firstRoute, count: 10_000, communities: [`65100:${turn % 60_000}`] }];
    await speaker.tell({ do: "routes", peer: router.name, routes: turn % 3 === 2 ? [] : routes });
    changes += 10_000;
    await Bun.sleep(50);
  }
  const at = await times.stop();
  const gaps = at.slice(1).map((each, index) => (each - (at[index] ?? each)) * 1e3);
  const { sessions } = await speaker.look();
  const lost = sessions.reduce((sum, { flaps }) => sum + flaps, 0);
  const row = [
    changes,
    gaps.length,
    Math.min(...gaps),
    median(gaps),
    quantile(gaps, 0.99),
    Math.max(...gaps),
    lost,
  ];
  const headings = ["route changes", "KEEPALIVEs", "least gap ms", "median", "p99", "most", "sessions lost"];
  table("KEEPALIVEs while 10,000 routes change (due after 750 to 1,000 ms)", headings, [row]);
  await link.endAll();
}

/** When segments with 19 octets of data, a KEEPALIVE alone, come from the address: seconds, as the kernel says. */
function watchSmallSegments(namespace: string, source: string): { stop(): Promise<number[]> } {
  const filter = `src host ${source} and tcp and ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) == 19`;
  const argv = ["ip", "netns", "exec", namespace, "tcpdump", "-ttlni", "eth0", "--immediate-mode", filter];
  const tcpdump = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const said = new Response(tcpdump.stdout).text();
  return {
    async stop() {
      tcpdump.kill("SIGINT");
      return [...(await said).matchAll(/^(\d+\.\d+) /gm)].map(([, time]) => Number(time));
    },
  };
}
