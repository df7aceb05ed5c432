/**
 * How fast and how large: `bun run bench [name…]`; without a name, all. Options after the names, such as
 * `bun run bench failover --runs 50`, are the bench's own, and then its time is not limited. Numbers go to stdout and nothing judges them:
 * another machine has others. Each bench is a process of its own, so that none runs in another's heap, and is ended
 * when its time is over. What a bench needs and does not find is named, and the bench left out.
 */
import { cpus, totalmem } from "node:os";
import { cannotStartContainers } from "../integration/harness/container/container_lab.ts";
import { cannotRun } from "../integration/harness/netns_pair.ts";
import { load } from "./measure.ts";

interface Bench {
  /** The file is `<name>.ts`, which is also its program. */
  readonly name: string;
  readonly says: string;
  readonly limitSeconds: number;
  /** Why it cannot run here. */
  readonly lacks?: () => string | undefined;
}

const benches: readonly Bench[] = [
  { name: "ipam", says: "what one allocation costs, from the first to the last", limitSeconds: 90 },
  { name: "election", says: "10,000 Services on 3, 100 and 1,000 nodes: who announces", limitSeconds: 90 },
  { name: "api", says: "the sandbox's Kubernetes API", limitSeconds: 90 },
  {
    name: "adoption",
    says: "a controller starts among 10,000 Services that have addresses",
    limitSeconds: 90,
  },
  {
    name: "speaker_memory",
    says: "what a speaker holds with 10,000 Services, and how soon",
    limitSeconds: 90,
  },
  {
    name: "churn",
    says: "whether controller and speaker grow while Services come and go; --seconds N",
    limitSeconds: 90,
  },
  { name: "burst", says: "10,000 Services that wait are given their addresses", limitSeconds: 90 },
  { name: "ring", says: "the ring of watchers, simulated: a death, its price, and loss", limitSeconds: 90 },
  { name: "l2", says: "ARP and NDP: from question to answer", limitSeconds: 120, lacks: () => cannotRun() },
  {
    name: "bgp",
    says: "routes to FRR, BIRD, GoBGP and OpenBGPD, beside BIRD, GoBGP and ExaBGP that announce the same",
    limitSeconds: 120,
    lacks: () => cannotRun("bird", "bgpd", "zebra", "vtysh", "gobgpd", "exabgp", "bgpctl", "tcpdump"),
  },
  {
    name: "failover",
    says: "an announcer dies or goes, beside keepalived",
    limitSeconds: 200,
    lacks: () => cannotRun("nft", "tcpdump"),
  },
  {
    name: "container",
    says: "the image: how large, how soon its parts are ready under crun, and what they hold",
    limitSeconds: 90,
    lacks: () => cannotStartContainers(),
  },
  {
    name: "bfd",
    says: "BFD at 50 ms with BIRD: gaps between packets while the main thread is busy, and detection",
    limitSeconds: 90,
    lacks: () => cannotRun("bird", "tcpdump"),
  },
];

const signals = ["SIGINT", "SIGTERM"] as const;
/** All of them together; a machine that does nothing else needs a third of it. */
const budgetMs = 290_000;
/** For a bench with options, which may ask for much. */
const longestMs = 24 * 3_600_000;
/** Given to a bench whose time is over, to clean up. */
const graceMs = 3_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const firstOption = args.findIndex((arg) => arg.startsWith("-"));
  const names = firstOption === -1 ? args : args.slice(0, firstOption);
  const options = args.slice(names.length);
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const known = benches.map(({ name, says }) => `  ${name.padEnd(10)} ${says}`).join("\n");
    console.error(`There is no bench "${unknown.join('", "')}"; there are:\n${known}`);
    return 2;
  }
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  console.log(
    `Bun ${Bun.version}, ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB, load ${load()}`,
  );
  if (options.length > 0 && names.length !== 1) {
    console.error("Name the one bench that the options are for.");
    return 2;
  }
  const chosen = names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));
  let failures = 0;
  let isEnded = false;
  for (const signal of signals) process.on(signal, () => (isEnded = true));
  for (const bench of chosen) if (!isEnded && !(await run(bench, options))) failures++;
  return failures === 0 && !isEnded ? 0 : 1;
}

async function run({ name, says, limitSeconds, lacks }: Bench, options: readonly string[]): Promise<boolean> {
  const missing = lacks?.();
  console.log(`\n== ${name}: ${says}`);
  if (missing) {
    console.log(`   left out: ${missing}`);
    return true;
  }
  const startedAt = performance.now();
  // performance.now() counts from the start of this process.
  const allowedMs = options.length > 0 ? longestMs : Math.min(limitSeconds * 1e3, budgetMs - startedAt);
  if (allowedMs <= 0) {
    console.log(`   left out: the ${budgetMs / 1e3} s for all benches are over; name it to run it alone`);
    return false;
  }
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${name}.ts`, ...options], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const end = () => child.kill("SIGTERM");
  const limits = [setTimeout(end, allowedMs), setTimeout(() => child.kill("SIGKILL"), allowedMs + graceMs)];
  for (const signal of signals) process.on(signal, end);
  const exitCode = await child.exited;
  for (const limit of limits) clearTimeout(limit);
  for (const signal of signals) process.off(signal, end);
  const seconds = ((performance.now() - startedAt) / 1e3).toFixed(1);
  const ending =
    exitCode === 0 ? "" : `, FAILED (exit code ${exitCode}; allowed were ${Math.round(allowedMs / 1e3)} s)`;
  console.log(`\n   ${seconds} s, load ${load()}${ending}`);
  return exitCode === 0;
}
