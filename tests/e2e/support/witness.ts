/** Stations that a frame's Ethernet address can be told apart by, and how a program is run at one of them. */
export interface WitnessedLan {
  readonly stations: readonly { readonly name: string; readonly mac: string }[];
  command(station: string, ...argv: string[]): string[];
}

export interface Announcement {
  /** Epoch ms, by the kernel's clock when the frame came in. */
  readonly atMs: number;
  readonly address: string;
  /** Station whose Ethernet address it names. */
  readonly by: string;
}

/** tcpdump at a station: who says by gratuitous ARP that an address is theirs, and when. */
export class Witness {
  readonly #lan: WitnessedLan;
  readonly #seen: Announcement[] = [];
  readonly #tcpdump: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #waiting = new Set<() => void>();

  private constructor(lan: WitnessedLan, station: string) {
    this.#lan = lan;
    const argv = ["tcpdump", "-l", "-n", "-e", "-tt", "--immediate-mode", "-i", "eth0", "arp"];
    this.#tcpdump = Bun.spawn(lan.command(station, ...argv), {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    void this.#read();
  }

  static async start(lan: WitnessedLan, station: string): Promise<Witness> {
    const witness = new Witness(lan, station);
    await witness.#listening();
    return witness;
  }

  /** The first announcement since then that fits; undefined when the time is over. */
  async first(
    sinceMs: number,
    fits: (announcement: Announcement) => boolean,
    timeoutMs: number,
  ): Promise<Announcement | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.since(sinceMs).find(fits);
      const leftMs = deadline - performance.now();
      if (found || leftMs <= 0) return found;
      await this.#next(leftMs);
    }
  }

  since(sinceMs: number): Announcement[] {
    const start = this.#seen.findIndex(({ atMs }) => atMs >= sinceMs);
    return start === -1 ? [] : this.#seen.slice(start);
  }

  async stop(): Promise<void> {
    this.#tcpdump.kill();
    await this.#tcpdump.exited;
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

  async #listening(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const read = async () => {
      let said = "";
      for await (const bytes of this.#tcpdump.stderr) {
        said += new TextDecoder().decode(bytes);
        if (said.includes("listening on")) resolve();
      }
      reject(new Error(`tcpdump did not start: ${said}`));
    };
    void read();
    await promise;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const bytes of this.#tcpdump.stdout) {
      const lines = (rest + new TextDecoder().decode(bytes)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#hear(line);
      for (const wake of this.#waiting) wake();
    }
  }

  #hear(line: string): void {
    const header = /^([\d.]+) ([\da-f:]+) > ff:ff:ff:ff:ff:ff, ethertype ARP/.exec(line);
    const request = /Request who-has ([\d.]+) (?:\([\da-f:]+\) )?tell ([\d.]+)/.exec(line);
    const reply = /Reply ([\d.]+) is-at/.exec(line);
    const address = request && request[1] === request[2] ? request[1] : reply?.[1];
    const by = this.#lan.stations.find(({ mac }) => mac === header?.[2])?.name;
    if (!header || address === undefined || by === undefined) return;
    this.#seen.push({ atMs: Number(header[1]) * 1e3, address, by });
  }
}
