import type { L2Lan } from "./l2_lan.ts";
import { L2Tcpdump } from "./l2_tcpdump.ts";

export interface CapturedAdvertisement {
  /** Epoch ms, the kernel's. */
  at: number;
  source: string;
  destination: string;
  from: string;
  to: string;
  target: string;
  /** As tcpdump names them: `solicited`, `override`, `router`. */
  flags: string[];
  /** tcpdump computed the same checksum. */
  isSumRight: boolean;
  hopLimit: number;
  /** The target link-layer option. */
  isAt?: string;
}

/** Neighbor Advertisements as an independent witness, tcpdump, sees them arrive at a station. */
export class L2NdpCapture {
  readonly #seen: CapturedAdvertisement[] = [];
  #tcpdump: L2Tcpdump | undefined;
  #header: RegExpExecArray["groups"];

  static async start(lan: L2Lan, station: string): Promise<L2NdpCapture> {
    const capture = new L2NdpCapture();
    capture.#tcpdump = await L2Tcpdump.start(lan, station, ["-v", "icmp6 and ip6[40] == 136"], (line) =>
      capture.#take(line),
    );
    return capture;
  }

  of(target: string): CapturedAdvertisement[] {
    return this.#seen.filter((each) => each.target === target);
  }

  unsolicited(target: string): CapturedAdvertisement[] {
    return this.of(target).filter(({ to }) => to === "ff02::1");
  }

  async stop(): Promise<void> {
    await this.#tcpdump?.stop();
  }

  /** Two lines, or one, and one for each option. */
  #take(line: string): void {
    const header = frameLine.exec(line)?.groups;
    if (header) this.#header = header;
    const message = messageLine.exec(line)?.groups;
    if (message && this.#header) {
      const { seconds, source = "", destination = "", hopLimit } = this.#header;
      const { from = "", to = "", target = "", flags = "" } = message;
      this.#seen.push({
        at: Number(seconds) * 1_000,
        source,
        destination,
        from,
        to,
        target,
        flags: flags.split(", ").filter((flag) => flag !== "none"),
        isSumRight: line.includes("[icmp6 sum ok]"),
        hopLimit: Number(hopLimit),
      });
    }
    const isAt = /destination link-address option \(2\), length 8 \(1\): ([\da-f:]+)/.exec(line)?.[1];
    const last = this.#seen.at(-1);
    if (isAt && last) last.isAt = isAt;
  }
}

const frameLine =
  /^(?<seconds>[\d.]+) (?<source>[\da-f:]+) > (?<destination>[\da-f:]+), ethertype IPv6.*hlim (?<hopLimit>\d+)/;
const messageLine =
  /(?<from>[\da-f:]+) > (?<to>[\da-f:]+): .*neighbor advertisement, length \d+, tgt is (?<target>[\da-f:]+), Flags \[(?<flags>[^\]]+)\]/;
