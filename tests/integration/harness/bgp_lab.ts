import { type ChildPeer, type ChildRoutes, SpeakerProcess } from "./bgp_speaker.ts";
import { eventually } from "./eventually.ts";
import { NetnsPair, run } from "./netns_pair.ts";

/** Something with an end: a router of any make. */
interface Router {
  end(): Promise<void>;
}

/** A speaker and a router on one link that has both families, and what tests ask of the speaker again and again. */
export class BgpLab<Kind extends Router> {
  readonly #pair: NetnsPair;
  #router: Kind | undefined;
  #speaker: SpeakerProcess | undefined;

  constructor(topic: string) {
    this.#pair = new NetnsPair(topic, ["10.99.0.8/24", "fd99::8/64"], ["10.99.0.3/24", "fd99::3/64"]);
  }

  get router(): Kind {
    if (!this.#router) throw new Error("There is no router yet");
    return this.#router;
  }

  get speaker(): SpeakerProcess {
    if (!this.#speaker) throw new Error("There is no speaker yet");
    return this.#speaker;
  }

  namespace(side: "speaker" | "router"): string {
    return this.#pair[side];
  }

  /** Link-local, of `eth0`. */
  linkLocal(side: "speaker" | "router"): string {
    const [link] = JSON.parse(run("ip", "-n", this.#pair[side], "-j", "-6", "addr", "show", "dev", "eth0"));
    const found = link.addr_info.find((each: { scope: string }) => each.scope === "link");
    return found.local;
  }

  ip(side: "speaker" | "router", ...args: string[]): string {
    return run("ip", "-n", this.#pair[side], ...args);
  }

  async startRouter(start: (namespace: string) => Kind | Promise<Kind>): Promise<void> {
    this.#router = await start(this.#pair.router);
  }

  async startSpeaker(peers: ChildPeer[], routes: ChildRoutes[] = []): Promise<void> {
    this.#speaker = new SpeakerProcess(this.#pair.speaker);
    await this.setPeers(peers, routes);
  }

  async setPeers(peers: ChildPeer[], routes: ChildRoutes[] = []): Promise<void> {
    await this.speaker.tell({ do: "peers", peers });
    for (const { name } of peers) await this.speaker.tell({ do: "routes", peer: name, routes });
  }

  async session(name = "tor") {
    const found = (await this.speaker.look()).sessions.find(({ peer }) => peer === name);
    if (!found) throw new Error(`The speaker has no session with "${name}"`);
    return found;
  }

  async metrics(name = "tor") {
    const found = (await this.speaker.look()).metrics.find((each) => each.name === name);
    if (!found) throw new Error(`The speaker has no peer "${name}"`);
    return found;
  }

  /** Messages to and from the only peer, oldest first. */
  async messages(): Promise<string[]> {
    return (await this.speaker.look()).messages[0] ?? [];
  }

  established(name = "tor", timeoutMs = 15_000): Promise<boolean> {
    const what = `session with ${name} established`;
    return eventually(what, async () => (await this.session(name)).state === "Established", timeoutMs);
  }

  /** Waits until the last error of the session has the words. */
  async trouble(words: string, name = "tor"): Promise<string> {
    let last = "";
    try {
      return await eventually("words", async () => {
        last = (await this.session(name)).lastError?.text ?? "";
        return last.includes(words) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`No error has the words "${words}"; the last one is "${last}"`, { cause: error });
    }
  }

  async end(): Promise<void> {
    await this.#speaker?.end();
    await this.#router?.end();
    this.#speaker = undefined;
    this.#router = undefined;
  }

  remove(): void {
    this.#pair.remove();
  }
}
