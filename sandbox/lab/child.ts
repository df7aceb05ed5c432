import { SandboxError } from "../error.ts";
import { BoundedLog } from "./bounded_log.ts";
import { findProgram, searchPath } from "./command.ts";
import type { Ledger } from "./ledger.ts";
import { identify, markerVariable } from "./process_table.ts";

/** Hears what the process writes, as it comes. */
export type Output = (stream: "stdout" | "stderr", bytes: Uint8Array) => void;

export interface ChildOptions {
  name: string;
  /** Program and arguments. */
  argv: readonly string[];
  /** Network namespace to run in; the host's where absent. */
  namespace?: string;
  logFile: string;
  output?: Output;
  env?: Readonly<Record<string, string>>;
}

const logBytesMax = 8 * 1024 * 1024;

/**
 * A process of the sandbox: marked, noted in the ledger, its output kept in a bounded log. Its environment is
 * small and the same everywhere: a proxy variable of the user's shell would send the API's traffic astray.
 */
export class Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended, with how in words: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #log: BoundedLog;
  #isEnding = false;

  constructor(options: ChildOptions, ledger: Ledger) {
    this.name = options.name;
    this.#log = new BoundedLog(options.logFile, logBytesMax);
    const argv = commandLine(options);
    this.#process = Bun.spawn(argv, {
      stdio: ["ignore", "pipe", "pipe"],
      // A session of its own: Ctrl-C on the terminal is for the sandbox, which ends its processes in order.
      detached: true,
      env: { ...environment(), [markerVariable]: ledger.data.id, ...options.env },
    });
    this.pid = this.#process.pid;
    const identity = identify(this.pid);
    // Its command line is still ours until exec(2) is through.
    if (identity) ledger.started(this.name, { ...identity, command: argv.join(" ") });
    const { stdout, stderr } = this.#process;
    const { output } = options;
    const drained = Promise.all([
      this.#drain(stdout, (bytes) => output?.("stdout", bytes)),
      this.#drain(stderr, (bytes) => output?.("stderr", bytes)),
    ]);
    this.ended = this.#process.exited.then(async () => {
      // A grandchild may hold the pipe open; what is written in the first moments still counts.
      await Promise.race([drained, Bun.sleep(100)]);
      ledger.ended(this.name, this.pid);
      return this.#process.signalCode?.toString() ?? `exit code ${this.#process.exitCode}`;
    });
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** True from the moment we asked it to end: what follows is not a surprise. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  lastLines(count: number): string[] {
    return this.#log.lastLines(count);
  }

  kill(): Promise<string> {
    this.#isEnding = true;
    this.#process.kill("SIGKILL");
    return this.ended;
  }

  /** SIGTERM, and SIGKILL when it has not ended in time. */
  async stop(graceMs: number): Promise<string> {
    this.#isEnding = true;
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), graceMs);
    const how = await this.ended;
    clearTimeout(timer);
    return how;
  }

  async #drain(stream: ReadableStream<Uint8Array>, tell: (bytes: Uint8Array) => void): Promise<void> {
    for await (const chunk of stream) {
      this.#log.write(chunk);
      tell(chunk);
    }
  }
}

function commandLine({ argv, namespace }: ChildOptions): string[] {
  const [name = "", ...rest] = argv;
  const program = findProgram(name);
  if (!program) throw new SandboxError(`"${name}" is not installed.`);
  const ip = findProgram("ip") ?? "ip";
  return [...(namespace ? [ip, "netns", "exec", namespace] : []), program, ...rest];
}

/** For any program that the sandbox starts. */
export function environment(): Record<string, string> {
  const kept: Record<string, string> = { PATH: searchPath };
  for (const name of ["HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
