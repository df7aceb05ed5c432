import type { L2Lan } from "./l2_lan.ts";

export interface CapturedArp {
  /** Epoch ms, the kernel's. */
  at: number;
  source: string;
  destination: string;
  operation: "request" | "reply";
  /** The address that is asked for, or that is said to be somewhere. */
  target: string;
  /** Of a request: who asks. */
  sender?: string;
  /** Of a reply: where the address is. */
  isAt?: string;
}

/** ARP as an independent witness, tcpdump, sees it arrive at a station. */
export class L2Capture {
  readonly #process;
  readonly #seen: CapturedArp[] = [];
  readonly #reading: Promise<void>;
  readonly #listening: Promise<void>;

  private constructor(lan: L2Lan, station: string) {
    const tcpdump = ["tcpdump", "-l", "-n", "-e", "-tt", "--immediate-mode", "-i", "eth0", "arp"];
    this.#process = Bun.spawn(lan.command(station, "timeout", "30", ...tcpdump), {
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#reading = this.#read();
    this.#listening = this.#awaitListening();
  }

  static async start(lan: L2Lan, station: string): Promise<L2Capture> {
    const capture = new L2Capture(lan, station);
    await capture.#listening;
    return capture;
  }

  /** Announcements of an address: requests and replies that name it as their own, to everybody. */
  gratuitous(address: string): CapturedArp[] {
    return this.#seen.filter(
      ({ destination, operation, target, sender }) =>
        destination === "ff:ff:ff:ff:ff:ff" &&
        target === address &&
        (operation === "reply" || sender === address),
    );
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

  async #read(): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      const lines = (text + decoder.decode(bytes, { stream: true })).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const frame = parse(line);
        if (frame) this.#seen.push(frame);
      }
    }
  }
}

const header = /^(?<seconds>[\d.]+) (?<source>[\da-f:]+) > (?<destination>[\da-f:]+), ethertype ARP/;
const request = /Request who-has (?<target>[\d.]+) (\([\da-f:]+\) )?tell (?<sender>[\d.]+)/;
const reply = /Reply (?<target>[\d.]+) is-at (?<isAt>[\da-f:]+)/;

function parse(line: string): CapturedArp | undefined {
  const { seconds, source = "", destination = "" } = header.exec(line)?.groups ?? {};
  const at = Number(seconds) * 1_000;
  const asked = request.exec(line)?.groups;
  if (asked)
    return {
      at,
      source,
      destination,
      operation: "request",
      target: asked.target ?? "",
      sender: asked.sender ?? "",
    };
  const told = reply.exec(line)?.groups;
  if (told)
    return { at, source, destination, operation: "reply", target: told.target ?? "", isAt: told.isAt ?? "" };
  return undefined;
}
