import { BfdProcess } from "./bfd_speaker.ts";
import { Frr } from "./frr.ts";
import { NetnsPair, run } from "./netns_pair.ts";

/** One line of FRR's `show bfd peers json`. */
export interface FrrBfdPeer {
  peer: string;
  status: string;
  diagnostic: string;
  "remote-diagnostic": string;
  "remote-receive-interval": number;
  "remote-transmit-interval": number;
  "remote-detect-multiplier": number;
  "remote-echo-receive-interval": number;
}

/** Our BFD driver and FRR's on one link that has both families; both sides forward, as nodes and routers do. */
export class BfdFrrLab {
  readonly pair: NetnsPair;
  #frr: Frr | undefined;
  #speaker: BfdProcess | undefined;

  constructor(topic: string) {
    this.pair = new NetnsPair(topic, ["10.99.0.8/24", "fd99::8/64"], ["10.99.0.3/24", "fd99::3/64"]);
    for (const namespace of [this.pair.speaker, this.pair.router]) {
      for (const setting of ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"])
        run("ip", "netns", "exec", namespace, "sysctl", "-qw", setting);
    }
  }

  get frr(): Frr {
    if (!this.#frr) throw new Error("There is no FRR yet");
    return this.#frr;
  }

  get speaker(): BfdProcess {
    if (!this.#speaker) throw new Error("There is no speaker yet");
    return this.#speaker;
  }

  /** Peers as FRR's `bfd` node lists them, all with the profile of 100 ms × 10 and what is added to it. */
  start(peers: readonly string[], profile = ""): void {
    const configuration = `bfd
 profile test
  receive-interval 100
  transmit-interval 100
  detect-multiplier 10
${profile}
 exit
${peers.map((peer) => ` peer ${peer}\n  profile test\n exit`).join("\n")}
exit
`;
    this.#frr = Frr.start(this.pair.router, configuration, { hasBfd: true });
    this.#speaker = new BfdProcess(this.pair.speaker);
  }

  /** What FRR says of its session with this address of ours. */
  inFrr(address: string): FrrBfdPeer {
    const peers = JSON.parse(this.frr.ask("show bfd peers json")) as FrrBfdPeer[];
    const found = peers.find(({ peer }) => peer === address);
    if (!found) throw new Error(`FRR has no BFD session with ${address}`);
    return found;
  }

  /** Echo packets of FRR that came back to it, of the session with this address of ours. */
  echoesOfFrr(address: string): number {
    const counters = JSON.parse(this.frr.ask("show bfd peers counters json")) as {
      peer: string;
      "echo-packet-input": number;
    }[];
    return counters.find(({ peer }) => peer === address)?.["echo-packet-input"] ?? 0;
  }

  async end(): Promise<void> {
    await this.#speaker?.end();
    await this.#frr?.end();
    this.#speaker = undefined;
    this.#frr = undefined;
  }

  remove(): void {
    this.pair.remove();
  }
}
