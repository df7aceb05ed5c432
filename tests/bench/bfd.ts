/**
 * BFD at 50 ms × 3 with BIRD, both on one machine: how long the gaps between a session's packets are, as the kernel
 * stamps them on the wire, ours beside BIRD's of the same moment; what it costs; and when BIRD is stopped, how long
 * until a session is down. A gap is from 37.5 to 50 ms by RFC 5880 §6.8.7; above 150 ms the peer gives up.
 */
import { bfdSettings } from "../integration/harness/bfd_speaker.ts";
import { Bird } from "../integration/harness/bird.ts";
import { eventually } from "../integration/harness/eventually.ts";
import { LineProcess } from "../integration/harness/line_process.ts";
import { NetnsPair, run } from "../integration/harness/netns_pair.ts";
import type { BenchCommand, BenchState } from "./bfd_speaker_child.ts";
import { cleanUpOnSignal } from "./ending.ts";
import { nthAddress } from "./examples.ts";
import { cpuMsOf, median, quantile, table } from "./measure.ts";

const counts = [1, 32, 256];
const measureMs = 6_000;
const peer = "10.99.0.3";
const firstAddress = "10.99.1.1";

const pair = new NetnsPair("bfdbench", ["10.99.0.8/16"], [`${peer}/16`]);
const running: { end(): Promise<void> }[] = [];
cleanUpOnSignal(cleanUp);
try {
  const rows: (string | number)[][] = [];
  const detections: (string | number)[][] = [];
  addAddresses(Math.max(...counts));
  for (const count of counts) {
    const bird = kept(await Bird.start(pair.router, birdConfiguration(count)));
    const speaker = kept(new LineProcess(pair.speaker, `${import.meta.dir}/bfd_speaker_child.ts`));
    const tell = (command: BenchCommand) => speaker.ask(command) as Promise<BenchState>;
    await tell({ do: "sessions", sessions: sessions(count) });
    await eventually("all up", async () => (await tell({ do: "look" })).up === count, 20_000);
    for (const isBusy of [false, true]) {
      await tell({ do: "busy", isBusy });
      await Bun.sleep(500);
      const before = { downs: (await tell({ do: "look" })).downs, cpu: await cpuOf(speaker.pid, bird.pid) };
      const gaps = await measureGaps();
      const after = { downs: (await tell({ do: "look" })).downs, cpu: await cpuOf(speaker.pid, bird.pid) };
      const cpu = after.cpu.map((ms, index) => ((ms - (before.cpu[index] ?? 0)) / measureMs) * 1_000);
      const main = isBusy ? "busy" : "idle";
      const said = [gaps.ours, gaps.birds].flatMap((each) => [
        median(each),
        quantile(each, 0.99),
        Math.max(...each),
      ]);
      rows.push([count, main, ...said, after.downs - before.downs, cpu[0] ?? 0, cpu[1] ?? 0]);
    }
    const stoppedAt = Date.now();
    process.kill(bird.pid, "SIGSTOP");
    await eventually("all down", async () => (await tell({ do: "look" })).downAt.length === count, 10_000);
    const took = (await tell({ do: "look" })).downAt.map((at) => at - stoppedAt);
    detections.push([count, Math.min(...took), median(took), Math.max(...took)]);
    for (const each of running.splice(0)) await each.end();
  }
  const gaps = ["p50 ms", "p99", "max", "BIRD p50", "p99", "max"];
  table(
    "gaps between packets of a session, 50 ms; main thread parses 10,000 objects each 200 ms where busy",
    ["sessions", "main", ...gaps, "downs", "CPU ms/s", "BIRD CPU"],
    rows,
  );
  table(
    "from SIGSTOP of BIRD to Down; 100 to 150 ms by the arithmetic, main busy",
    ["sessions", "min ms", "p50", "max"],
    detections,
  );
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

/** BIRD keeps one session for each address of ours. */
function ownAddress(at: number): string {
  return nthAddress(firstAddress, at);
}

function addAddresses(count: number): void {
  for (let at = 0; at < count; at++)
    run("ip", "-n", pair.speaker, "addr", "add", `${ownAddress(at)}/16`, "dev", "eth0");
}

function birdConfiguration(count: number): string {
  const neighbours = Array.from({ length: count }, (_, at) => `neighbor ${ownAddress(at)} dev "eth0";`);
  return `router id ${peer};
    protocol device {}
    protocol bfd {
      interface "eth0" { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; };
      ${neighbours.join("\n")}
    }`;
}

function sessions(count: number) {
  return Array.from({ length: count }, (_, at) =>
    bfdSettings({
      key: ownAddress(at),
      address: peer,
      localAddress: ownAddress(at),
      transmitIntervalMs: 50,
      receiveIntervalMs: 50,
      detectMultiplier: 3,
    }),
  );
}

async function cpuOf(...pids: number[]): Promise<number[]> {
  return Promise.all(pids.map(cpuMsOf));
}

/** Gaps in ms of all sessions by who sent, from the kernel's time stamps. */
async function measureGaps(): Promise<{ ours: number[]; birds: number[] }> {
  const command = ["tcpdump", "-B", "8192", "-ttnqi", "eth0", "udp dst port 3784"];
  const child = Bun.spawn(["ip", "netns", "exec", pair.router, ...command], {
    stdout: "pipe",
    stderr: "ignore",
  });
  const text = new Response(child.stdout).text();
  await Bun.sleep(measureMs);
  child.kill("SIGINT");
  const lastAt = new Map<string, number>();
  const gaps = { ours: [] as number[], birds: [] as number[] };
  for (const line of (await text).split("\n")) {
    const [, seconds, from, to] = /^([\d.]+) IP (\S+)\.\d+ > (\S+)\.3784:/.exec(line) ?? [];
    if (seconds === undefined || from === undefined || to === undefined) continue;
    const at = Number(seconds) * 1e3;
    const before = lastAt.get(`${from} ${to}`);
    lastAt.set(`${from} ${to}`, at);
    if (before !== undefined) gaps[from === peer ? "birds" : "ours"].push(at - before);
  }
  return gaps;
}
