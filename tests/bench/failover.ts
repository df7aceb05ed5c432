/**
 * How long an address is without an announcer when its node dies or goes, from the act to the new announcer's first
 * gratuitous frame as tcpdump sees it on the bridge; keepalived does the same beside it. Speakers are the program, in
 * namespaces of their own, with a real API server. Arguments:
 *
 *   --runs N          of each scenario (2)
 *   --only A,B        scenarios by name; "soak" and "keepalived" too
 *   --soak SECONDS    of nothing happening, with 5 % of all packets lost and every core busy (10)
 *   --hog-nice N      of the programs that keep the cores busy (0); more is kinder to others on the machine
 */
import { parseArgs } from "node:util";
import { cleanUpOnSignal } from "./ending.ts";
import { FailoverCluster } from "./failover/cluster.ts";
import { Keepalived } from "./failover/keepalived.ts";
import { type Run, runOnce } from "./failover/measure.ts";
import { type Scenario, scenarios } from "./failover/scenarios.ts";
import { soak } from "./failover/soak.ts";
import { load, quantile, table } from "./measure.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    soak: { type: "string", default: "10" },
    "hog-nice": { type: "string", default: "0" },
  },
});
const runs = Number(values.runs);
const only = values.only.split(",").filter(Boolean);
const isWanted = (name: string) => only.length === 0 || only.includes(name);
const lossPercent = 5;

type Row = (string | number)[];
const rows: Row[] = [];
const planned: Row[] = [];
const compared: Row[] = [];
let cluster: FailoverCluster | undefined;
cleanUpOnSignal(() => cluster?.stop());

try {
  for (const setting of [
    { nodes: 4, hasSecond: false },
    { nodes: 4, hasSecond: true },
    { nodes: 10, hasSecond: false },
  ]) {
    const chosen = scenarios.filter(
      ({ name, nodes, hasSecond = false }) =>
        isWanted(name) && nodes === setting.nodes && hasSecond === setting.hasSecond,
    );
    const isFirst = setting.nodes === 4 && !setting.hasSecond;
    const extras = isFirst && (isWanted("soak") || isWanted("keepalived"));
    if (chosen.length > 0 || extras) await inCluster(setting, chosen, isFirst);
  }
  table(
    `Failover, ${runs} runs each: ms from the act to the new announcer's first gratuitous frame`,
    ["what happens", "runs", "p50", "p90", "p99", "max", "goal"],
    [...rows, ...compared],
  );
  if (planned.length > 0)
    table(
      "ARP probes of the address each 10 ms meanwhile",
      ["what happens", "sent", "unanswered", "longest row", "goal"],
      planned,
    );
  console.log(`
  Quoted, not measured here (reference: MetalLB 0.16.1, memberlist 0.5.1 with LAN defaults): crash of 1 of 3 5.8 s,
  1 of 10 5.9 s, 3 of 4 at once 28.8 to 32.8 s, 8 of 10 at once 25.6 to 47.0 s.`);
} finally {
  await cluster?.stop();
}

async function inCluster(
  { nodes, hasSecond }: { nodes: number; hasSecond: boolean },
  chosen: readonly Scenario[],
  isFirst: boolean,
): Promise<void> {
  cluster = new FailoverCluster(nodes, { hasSecond });
  await cluster.start();
  const beside = isFirst && isWanted("keepalived") ? keepalived(cluster) : undefined;
  for (const scenario of chosen) await measure(cluster, scenario);
  await beside;
  if (isFirst && isWanted("soak")) await soaked(cluster, Number(values.soak));
  await cluster.stop();
  cluster = undefined;
}

async function measure(running: FailoverCluster, scenario: Scenario): Promise<void> {
  const done: Run[] = [];
  for (let index = 0; index < runs; index++) {
    const address = running.addresses[index % running.addresses.length] ?? "";
    const run = await runOnce(running, scenario, address);
    done.push(run);
    console.log(
      `   ${scenario.name} ${index + 1}: ${address} ${run.from} -> ${run.to ?? "nobody"} ${told(run)}`,
    );
  }
  const { p50, p99 } = scenario.goal;
  const goal = `${p50 === undefined ? "" : `p50 < ${p50}, `}p99 < ${p99}`;
  rows.push([
    `${scenario.says} (${scenario.nodes} nodes)`,
    ...shares(done.map(({ tookMs }) => tookMs)),
    goal,
  ]);
  const probed = done.flatMap((run) => run.probed ?? []);
  if (probed.length === 0) return;
  const sum = (of: "sent" | "unanswered") => probed.reduce((total, each) => total + each[of], 0);
  const longest = Math.max(...probed.map(({ longestGap }) => longestGap));
  planned.push([scenario.says, sum("sent"), sum("unanswered"), longest, "0 lost"]);
}

function told({ tookMs, probed }: Run): string {
  const lost = probed ? `, ${probed.unanswered} of ${probed.sent} probes unanswered` : "";
  return `${Math.round(tookMs)} ms${lost}, load ${load()}`;
}

/** Both advertisement intervals side by side, while the speakers are measured on the same bridge. */
async function keepalived(running: FailoverCluster): Promise<void> {
  if (!Bun.which("keepalived")) {
    console.log("   keepalived is not installed (apt-get install keepalived): left out");
    return;
  }
  await Promise.all(
    [0.1, 1].map(async (seconds) => {
      const pair = new Keepalived(running, seconds);
      try {
        await pair.start();
        const took: number[] = [];
        for (let index = 0; index < runs; index++) took.push(await pair.failover());
        compared.push([`keepalived, VRRPv3, advert ${seconds} s: kill -9 (2 routers)`, ...shares(took), "-"]);
      } finally {
        await pair.stop();
      }
    }),
  );
}

async function soaked(running: FailoverCluster, seconds: number): Promise<void> {
  const { lostPackets, falseFailovers, falseVerdicts } = await soak(
    running,
    seconds,
    lossPercent,
    Number(values["hog-nice"]),
  );
  console.log(
    `   soak: ${seconds} s, ${lossPercent} % loss at each of ${running.nodes.length} nodes (${lostPackets} packets` +
      ` lost), every core busy, load ${load()}: ${falseFailovers} false failovers, ${falseVerdicts} false verdicts`,
  );
}

function shares(took: readonly number[]): number[] {
  return [took.length, ...[0.5, 0.9, 0.99, 1].map((share) => quantile(took, share))];
}
