import type { L2Lan } from "./l2_lan.ts";

/** tcpdump at a station, an independent witness: its words, line by line. */
export class L2Tcpdump {
  readonly #process;
  readonly #reading: Promise<void>;
  readonly #listening: Promise<void>;

  private constructor(lan: L2Lan, station: string, args: readonly string[], onLine: (line: string) => void) {
    const tcpdump = ["tcpdump", "-l", "-n", "-e", "-tt", "--immediate-mode", "-i", "eth0", ...args];
    this.#process = Bun.spawn(lan.command(station, "timeout", "30", ...tcpdump), {
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#reading = this.#read(onLine);
    this.#listening = this.#awaitListening();
  }

  static async start(
    lan: L2Lan,
    station: string,
    args: readonly string[],
    onLine: (line: string) => void,
  ): Promise<L2Tcpdump> {
    const tcpdump = new L2Tcpdump(lan, station, args, onLine);
    await tcpdump.#listening;
    return tcpdump;
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await this.#reading;
  }

  /** Its standard error is read to the end: a tcpdump whose words nobody takes is ended by them. */
  #awaitListening(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const read = async () => {
      const decoder = new TextDecoder();
      let said = "";
      for await (const bytes of this.#process.stderr) {
        said += decoder.decode(bytes, { stream: true });
        if (said.includes("listening on")) resolve();
      }
      reject(new Error(`tcpdump did not start: ${said}`));
    };
    void read();
    return promise;
  }

  async #read(onLine: (line: string) => void): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      const lines = (text + decoder.decode(bytes, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    }
  }
}
