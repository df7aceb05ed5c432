import { existsSync, readdirSync } from "node:fs";
import { isAlive } from "./temporary.ts";

/** Runs a program to its end; throws with its words when it fails. */
export function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: exit ${exitCode}: ${stderr.toString().trim()}`);
  return stdout.toString();
}

/** Why a test that needs root and these programs cannot run here; undefined where it can. */
export function cannotRun(...programs: string[]): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  const missing = ["ip", ...programs].filter((program) => !Bun.which(program, { PATH: searchPath }));
  return missing.length > 0 ? `needs ${missing.join(", ")}` : undefined;
}

/** Debian keeps routers outside a user's PATH. */
const searchPath = `${process.env.PATH}:/usr/sbin:/sbin:/usr/lib/frr`;

/**
 * Two network namespaces joined by a veth pair, `eth0` in each: one for a speaker, one for a router. Nothing outside
 * them is touched; IPv6 duplicate address detection is off, so that addresses serve at once.
 */
export class NetnsPair {
  readonly speaker: string;
  readonly router: string;

  /** `topic` sets apart the tests of one process; leftovers of the same test's dead runs are removed first. */
  constructor(
    topic: string,
    readonly speakerAddresses: readonly string[],
    readonly routerAddresses: readonly string[],
  ) {
    removeLeftovers(topic);
    this.speaker = `mlbt-${process.pid}-${topic}-s`;
    this.router = `mlbt-${process.pid}-${topic}-r`;
    for (const namespace of [this.speaker, this.router]) {
      run("ip", "netns", "add", namespace);
      run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
      run("ip", "-n", namespace, "link", "set", "lo", "up");
    }
    run(
      "ip",
      "-n",
      this.speaker,
      "link",
      "add",
      "eth0",
      "type",
      "veth",
      "peer",
      "eth0",
      "netns",
      this.router,
    );
    this.#bringUp(this.speaker, speakerAddresses);
    this.#bringUp(this.router, routerAddresses);
  }

  remove(): void {
    for (const namespace of [this.speaker, this.router]) Bun.spawnSync(["ip", "netns", "del", namespace]);
  }

  #bringUp(namespace: string, addresses: readonly string[]): void {
    run("ip", "-n", namespace, "link", "set", "eth0", "up");
    for (const address of addresses) {
      const quick = address.includes(":") ? ["nodad"] : [];
      run("ip", "-n", namespace, "addr", "add", address, "dev", "eth0", ...quick);
    }
  }
}

/** Namespaces of a run of this test that crashed: their process is gone. What still runs inside is killed. */
function removeLeftovers(topic: string): void {
  if (!existsSync("/run/netns")) return;
  for (const name of readdirSync("/run/netns")) {
    const [, pid, owner] = /^mlbt-(\d+)-(.+)-[sr]$/.exec(name) ?? [];
    if (owner !== topic || pid === undefined || isAlive(Number(pid))) continue;
    const pids = Bun.spawnSync(["ip", "netns", "pids", name]).stdout.toString().split(/\s+/).filter(Boolean);
    for (const each of pids) process.kill(Number(each), "SIGKILL");
    Bun.spawnSync(["ip", "netns", "del", name]);
  }
}
