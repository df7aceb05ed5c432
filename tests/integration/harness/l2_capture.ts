import type { L2Lan } from "./l2_lan.ts";
import { L2Tcpdump } from "./l2_tcpdump.ts";

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
  readonly #seen: CapturedArp[] = [];
  #tcpdump: L2Tcpdump | undefined;

  static async start(lan: L2Lan, station: string): Promise<L2Capture> {
    const capture = new L2Capture();
    capture.#tcpdump = await L2Tcpdump.start(lan, station, ["arp"], (line) => {
      const frame = parse(line);
      if (frame) capture.#seen.push(frame);
    });
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

  /** Questions for an address without a word on who asks (RFC 5227 §2.1.1). */
  probes(address: string): CapturedArp[] {
    return this.#seen.filter(
      ({ operation, target, sender }) =>
        operation === "request" && target === address && sender === "0.0.0.0",
    );
  }

  async stop(): Promise<void> {
    await this.#tcpdump?.stop();
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
