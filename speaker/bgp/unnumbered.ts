import {
  RouterDiscovery,
  readRouterMessage,
  routerAdvertisement,
  routerSolicitation,
} from "#core/bgp/mod.ts";
import { type IpAddress, sameAddress } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { OpenRouterLink, RouterLink } from "./router_link.ts";

/** Looking costs a microsecond; a router is found within this of its advertisement. */
const lookEveryMs = 50;
/** An interface that is not there, or not ready, is tried again. */
const reopenEveryMs = 1_000;
const framesMax = 64;

interface Parts {
  readonly device: string;
  readonly clock: Clock;
  readonly open: OpenRouterLink;
  /** The router at the other end is this one, from now on. */
  heard(address: IpAddress): void;
  /** Why none can be heard, or which one was taken: in words. */
  problem(words: string): void;
}

/** Finds the router at the other end of an interface, and lets it find us. */
export class UnnumberedLink {
  readonly #parts: Parts;
  readonly #timer: Timer;
  #link: RouterLink | undefined;
  #discovery: RouterDiscovery;
  #reopenAt = 0;
  #problem = "";

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#discovery = new RouterDiscovery(parts.clock.monotonicMs());
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#look();
  }

  get device(): string {
    return this.#parts.device;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#link?.close();
    this.#link = undefined;
  }

  #look(): void {
    const now = this.#parts.clock.monotonicMs();
    if (!this.#link && now < this.#reopenAt) return;
    try {
      this.#link ??= this.#parts.open(this.#parts.device);
      this.#exchange(this.#link, now);
    } catch (error) {
      this.#link?.close();
      this.#link = undefined;
      this.#reopenAt = now + reopenEveryMs;
      // After it was away, whoever is there is told of us, and asked, at once.
      this.#discovery = new RouterDiscovery(this.#reopenAt);
      this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  #exchange(link: RouterLink, now: number): void {
    for (let count = 0; count < framesMax; count++) {
      const frame = link.receive();
      if (!frame) break;
      const message = readRouterMessage(frame);
      if (!message || sameAddress(message.source, link.end.address)) continue;
      const neighbour = this.#discovery.heard(message, now);
      if (neighbour) this.#parts.heard(neighbour);
      if (this.#discovery.isCrowded) {
        this.#say(
          `more than one router advertises itself on interface ${this.#parts.device}: the first one is the peer`,
        );
      }
    }
    for (const type of this.#discovery.due(now)) {
      link.send(type === "advertisement" ? routerAdvertisement(link.end) : routerSolicitation(link.end));
    }
  }

  /** Once, until it is another one. */
  #say(words: string): void {
    if (words === this.#problem) return;
    this.#problem = words;
    this.#parts.problem(words);
  }
}
