import { chownSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BgpdVty } from "./bgpd_vty.ts";
import { run } from "./netns_pair.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A real FRR (zebra and bgpd, and bfdd where asked for) inside a network namespace, configured and asked by vtysh. */
export class Frr {
  readonly #directory = temporaryDirectory("frr");
  readonly #pids: number[] = [];

  private constructor() {}

  static start(namespace: string, configuration: string, { hasBfd = false } = {}): Frr {
    const frr = new Frr();
    const directory = frr.#directory;
    const [user, group] = ["-u", "-g"].map((flag) => Number(run("id", flag, "frr")));
    chownSync(directory, user ?? 0, group ?? 0);
    for (const [daemon, extra] of [
      ["zebra", ["-s", "90000000"]],
      ...(hasBfd ? ([["bfdd", ["--bfdctl", `${directory}/bfdd.sock`]]] as const) : []),
      ["bgpd", []],
    ] as const) {
      const common = [
        "-d",
        "-u",
        "frr",
        "-g",
        "frr",
        "--vty_socket",
        directory,
        "-z",
        `${directory}/zserv.api`,
      ];
      const files = ["-i", `${directory}/${daemon}.pid`, "-f", `${directory}/none.conf`, "-P", "0"];
      const log = ["--log", `file:${directory}/log`, "--log-level", "info"];
      const command = [`/usr/lib/frr/${daemon}`, ...common, ...files, ...log, ...extra];
      run("ip", "netns", "exec", namespace, ...command);
      frr.#pids.push(Number(readFileSync(`${directory}/${daemon}.pid`, "utf8")));
    }
    frr.configure(configuration);
    return frr;
  }

  /** Adds to the running configuration. */
  configure(configuration: string): void {
    const file = join(this.#directory, "frr.conf");
    writeFileSync(file, configuration);
    run("vtysh", "--vty_socket", this.#directory, "-f", file);
  }

  /** Of bgpd alone, for those who ask often. */
  vty(): Promise<BgpdVty> {
    return BgpdVty.connect(join(this.#directory, "bgpd.vty"));
  }

  ask(command: string): string {
    return run("vtysh", "--vty_socket", this.#directory, "-c", command);
  }

  /** Stops its processes in their tracks, or lets them go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    for (const pid of this.#pids) process.kill(pid, name);
  }

  log(): string {
    return readFileSync(join(this.#directory, "log"), "utf8");
  }

  async end(): Promise<void> {
    for (const pid of this.#pids) process.kill(pid, "SIGKILL");
    for (const pid of this.#pids) while (await isRunning(pid)) await Bun.sleep(5);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A process that has ended stays listed as a zombie until init, whose child a daemon is, takes note of it. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await Bun.file(`/proc/${pid}/stat`)
    .text()
    .catch(() => "");
  return stat !== "" && !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}
