/** Where a bench of BGP runs: two namespaces and a wire, and what runs on them, ended with it. */
import { NetnsPair } from "../../integration/harness/netns_pair.ts";

export interface Ending {
  end(): Promise<void>;
}

export const ourAddress = "10.99.0.8";
export const theirAddress = "10.99.0.3";
export const ourAS = 65_100;
export const theirAS = 65_003;
export const firstRoute = "10.0.0.0";

export class Link {
  readonly pair = new NetnsPair("bench", [`${ourAddress}/16`], [`${theirAddress}/16`]);
  readonly #running: Ending[] = [];

  kept<Each extends Ending>(each: Each): Each {
    this.#running.push(each);
    return each;
  }

  /** Ends what runs, the last first. */
  async endAll(): Promise<void> {
    for (const each of this.#running.splice(0).reverse()) await each.end();
  }

  async remove(): Promise<void> {
    await this.endAll();
    this.pair.remove();
  }

  /** What the announcer's interface has sent, TCP and Ethernet headers included. */
  bytesSent(): number {
    const argv = ["ip", "-n", this.pair.speaker, "-s", "-j", "link", "show", "dev", "eth0"];
    const [link] = JSON.parse(Bun.spawnSync(argv).stdout.toString());
    return link.stats64.tx.bytes;
  }
}
