import type { Command, Report } from "#speaker/data_plane/protocol.ts";
import type { L2Lan } from "./l2_lan.ts";

type ReportOf<Type extends Report["type"]> = Extract<Report, { type: Type }>;

const child = new URL("./l2_node_child.ts", import.meta.url).pathname;

/** A node of the LAN: a real data plane in a process inside the station's namespace. */
export class L2Node {
  readonly reports: Report[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #process;

  constructor(
    lan: L2Lan,
    readonly name: string,
    { key = "secret", program = ["bun", child], wrapper = [] as string[] } = {},
  ) {
    this.#process = Bun.spawn(lan.command(name, ...wrapper, ...program, name, lan.address(name), key), {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    void this.#read();
  }

  get pid(): number {
    return this.#process.pid;
  }

  command(command: Command): void {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    void this.#process.stdin.flush();
  }

  /** Answers for the addresses on every usable interface. */
  own(...addresses: string[]): void {
    this.command({ type: "own", addresses: addresses.map((address) => ({ address, interfaces: [] })) });
  }

  peers(lan: L2Lan, ...nodes: string[]): void {
    const peers = nodes.map((node) => ({ node, address: lan.address(node), port: 7947 }));
    this.command({ type: "peers", peers });
  }

  /** The next report of a type that fits; one that came before counts, unless `after` says how many are known. */
  async until<Type extends Report["type"]>(
    type: Type,
    fits: (report: ReportOf<Type>) => boolean = () => true,
    { after = 0, timeoutMs = 5_000 } = {},
  ): Promise<ReportOf<Type>> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.reports
        .slice(after)
        .find((report): report is ReportOf<Type> => report.type === type && fits(report as ReportOf<Type>));
      if (found) return found;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(
          `${this.name}: no such "${type}" within ${timeoutMs} ms: ${JSON.stringify(this.reports.slice(after))}`,
        );
      await this.#next(leftMs);
    }
  }

  /** As they were reported last. */
  counters(address: string) {
    for (const report of this.reports.toReversed()) {
      const found = report.type === "counters" && report.addresses.find((each) => each.address === address);
      if (found) return found;
    }
    return undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Says goodbye and gives the exit code. */
  async stop(graceMs = 0): Promise<number> {
    this.command({ type: "stop", graceMs });
    return await this.#process.exited;
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  async #read(): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      const lines = (text + decoder.decode(bytes, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.reports.push(JSON.parse(line));
      for (const wake of this.#waiting) wake();
    }
  }

  #next(limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limitMs);
    this.#waiting.add(resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(resolve);
    });
  }
}
