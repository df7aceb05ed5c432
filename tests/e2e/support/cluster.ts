import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { type Finished, must, run } from "./run.ts";

const main = join(import.meta.dir, "..", "..", "..", "main.ts");

/** What an end-to-end test needs and the machine may lack; the first missing one is the reason to skip. */
export function missing(...programs: string[]): string | undefined {
  if (process.platform !== "linux") return "Linux";
  if (process.getuid?.() !== 0) return "root";
  return ["ip", "nft", "kubectl", ...programs].find((program) => !Bun.which(program));
}

/** A sandbox started the way its user starts it: by the command line, in a state directory of its own. */
export class TestCluster {
  readonly stateDirectory: string;
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  #output = "";
  #cleanups: (() => unknown)[] = [];

  private constructor(stateDirectory: string, flags: string[]) {
    this.stateDirectory = stateDirectory;
    this.#process = Bun.spawn(
      [
        process.execPath,
        main,
        "sandbox",
        "--state-dir",
        stateDirectory,
        "--console-port",
        "0",
        "--api-port",
        "0",
        ...flags,
      ],
      { stdin: "ignore", stdout: "pipe", stderr: "pipe", env: { ...process.env, LANG: "C.UTF-8" } },
    );
    for (const stream of [this.#process.stdout, this.#process.stderr]) void this.#collect(stream);
  }

  static async start(options: { flags?: string[]; stateDirectory?: string } = {}): Promise<TestCluster> {
    const directory = options.stateDirectory ?? mkdtempSync(join(tmpdir(), "mlbt-e2e-"));
    const cluster = new TestCluster(directory, options.flags ?? []);
    try {
      await eventually(
        "the sandbox prints its login URL",
        () => {
          if (cluster.#process.exitCode !== null) throw new Error(`The sandbox ended:\n${cluster.#output}`);
          return /\/login\?token=/.test(cluster.#output);
        },
        60_000,
      );
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Everything the sandbox printed. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The console's one-time login URL, as printed. */
  get loginUrl(): string {
    return /http:\/\/\S+\/login\?token=[^\s]+/.exec(this.#output)?.[0] ?? "";
  }

  get kubeconfig(): string {
    return join(this.stateDirectory, "kubeconfig");
  }

  async kubectl(...args: string[]): Promise<string> {
    return must(["kubectl", ...args], { env: this.#kubectlEnv() });
  }

  /** For commands that are expected to fail. */
  async tryKubectl(args: string[], input?: string): Promise<Finished> {
    return run(["kubectl", ...args], { env: this.#kubectlEnv(), ...(input === undefined ? {} : { input }) });
  }

  async apply(manifest: string): Promise<string> {
    return must(["kubectl", "apply", "-f", "-"], { env: this.#kubectlEnv(), input: manifest });
  }

  async json(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse(await this.kubectl(...args, "-o", "json"));
  }

  /** A sandbox verb: `sandbox("kill", "speaker", "node2")`. */
  async sandbox(...verb: string[]): Promise<string> {
    return must([process.execPath, main, "sandbox", ...verb, "--state-dir", this.stateDirectory]);
  }

  /** Runs a command in the network of a station: client, router, controller or a node. */
  async exec(station: string, command: string[], timeoutMs?: number): Promise<Finished> {
    return run(
      [
        process.execPath,
        main,
        "sandbox",
        "exec",
        "--state-dir",
        this.stateDirectory,
        station,
        "--",
        ...command,
      ],
      timeoutMs === undefined ? {} : { timeoutMs },
    );
  }

  onStop(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    this.#process.kill(name);
  }

  /** The API server stops in the middle of whatever it does, and keeps every connection; nodes go on. */
  freeze(isFrozen: boolean): void {
    this.#process.kill(isFrozen ? "SIGSTOP" : "SIGCONT");
  }

  async ended(): Promise<number> {
    return this.#process.exited;
  }

  async stop(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0)) await cleanup();
    if (this.#process.exitCode === null) {
      this.#process.kill("SIGINT");
      const timer = setTimeout(() => this.#process.kill("SIGKILL"), 15_000);
      await this.#process.exited;
      clearTimeout(timer);
    }
    if (existsSync(this.stateDirectory)) rmSync(this.stateDirectory, { recursive: true, force: true });
  }

  #kubectlEnv(): Record<string, string> {
    return { KUBECONFIG: this.kubeconfig, HOME: this.stateDirectory };
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#output += decoder.decode(chunk, { stream: true });
  }
}
