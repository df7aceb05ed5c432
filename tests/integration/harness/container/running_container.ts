import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const limitMs = 30_000;
const graceMs = 10_000;

/** One container under crun, in the network namespace of whoever starts it. */
export class RunningContainer {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #output: Promise<string>;
  readonly #directory: string;
  readonly #startedAt = performance.now();

  constructor(name: string, config: object, directory: string) {
    this.#directory = join(directory, name);
    mkdirSync(this.#directory);
    writeFileSync(join(this.#directory, "config.json"), JSON.stringify(config));
    const state = join(this.#directory, "state");
    const id = `mlbt-${process.pid}-${name}`;
    const flags = `--root ${state} --cgroup-manager=disabled run --bundle ${this.#directory} --pid-file ${this.#pidFile}`;
    // crun knows pure hierarchies of cgroups only, and a kernel may show it a mixed one: in a mount namespace of its own it
    // sees the second version alone. It makes no group there.
    const script = `mount -t cgroup2 none /sys/fs/cgroup && exec crun ${flags} ${id}`;
    this.#child = Bun.spawn(["unshare", "--mount", "sh", "-c", script], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const texts = [this.#child.stdout, this.#child.stderr].map((stream) => new Response(stream).text());
    this.#output = Promise.all(texts).then((parts) => parts.join(""));
  }

  get #pidFile(): string {
    return join(this.#directory, "pid");
  }

  /** Milliseconds from the start until the probe of the manifest is answered. */
  async whenReady(): Promise<number> {
    while (performance.now() - this.#startedAt < limitMs) {
      const answer = await fetch("http://127.0.0.1:17472/readyz").catch(() => undefined);
      if (answer?.ok) return Math.round(performance.now() - this.#startedAt);
      if (this.#child.exitCode !== null) break;
      await Bun.sleep(5);
    }
    throw new Error(`the container is not ready: ${(await this.stop()).slice(-2_000)}`);
  }

  /** What the kernel says of the container's first process. */
  status(): Record<string, string> {
    const text = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Object.fromEntries(
      [...text.matchAll(/^(\w+):\s*(.*)$/gm)].map(([, key, value]) => [key ?? "", value ?? ""]),
    );
  }

  /** Options of the mount at a path, as in `ro,nosuid`. */
  mountOptions(path: string): string | undefined {
    const lines = readFileSync(`/proc/${this.pid}/mountinfo`, "utf8").split("\n");
    return lines.map((line) => line.split(" ")).find((fields) => fields[4] === path)?.[5];
  }

  /** Asks it to end as a kubelet does; gives its log, and how it ended. */
  async stop(): Promise<string> {
    if (this.#child.exitCode === null) this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), graceMs);
    const code = await this.#child.exited;
    clearTimeout(timer);
    return `${await this.#output}exit ${code}`;
  }

  /** To the container; to crun where that has not come so far as to start one. */
  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (existsSync(this.#pidFile)) process.kill(this.pid, signal);
    else this.#child.kill(signal);
  }

  /** Of its first process, as seen from outside. */
  get pid(): number {
    return Number(readFileSync(this.#pidFile, "utf8"));
  }
}
