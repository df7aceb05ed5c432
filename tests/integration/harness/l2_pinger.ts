import type { L2Lan } from "./l2_lan.ts";

export interface Pings {
  asked: number;
  unanswered: number;
  /** The MACs that answered. */
  answeredBy: string[];
}

const child = new URL("./l2_pinger_child.ts", import.meta.url).pathname;

/** Asks a station's network for an address every 10 ms, and counts the questions that nobody answers. */
export class L2Pinger {
  readonly #process;
  readonly #words: AsyncIterator<Uint8Array>;

  private constructor(lan: L2Lan, from: string, address: string) {
    const facts = [`${lan.index(from)}`, lan.mac(from), address];
    this.#process = Bun.spawn(lan.command(from, "bun", child, ...facts), {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#words = this.#process.stdout[Symbol.asyncIterator]();
  }

  /** Once its first question was answered. */
  static async start(lan: L2Lan, from: string, address: string): Promise<L2Pinger> {
    const pinger = new L2Pinger(lan, from, address);
    await pinger.#words.next();
    return pinger;
  }

  async stop(): Promise<Pings> {
    await this.#process.stdin.end();
    let text = "";
    for (let next = await this.#words.next(); !next.done; next = await this.#words.next())
      text += new TextDecoder().decode(next.value);
    return JSON.parse(text.trim());
  }
}
