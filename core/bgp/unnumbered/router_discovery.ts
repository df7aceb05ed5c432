import { type IpAddress, sameAddress } from "#core/net/mod.ts";
import type { RouterMessage } from "./router_message.ts";

/** RFC 4861 §10: RTR_SOLICITATION_INTERVAL, MAX_RTR_SOLICITATIONS, MIN_DELAY_BETWEEN_RAS, initial advertisements. */
const solicitEveryMs = 4_000;
const promptSolicitations = 3;
const advertiseGapMs = 3_000;
const promptAdvertisements = 3;
/** As FRR does for its unnumbered neighbours; the same goes for asking a router that is not heard. */
const steadyEveryMs = 10_000;
/** A router that has said nothing for so long may have been replaced by another one. */
const silenceMs = 25_000;

/**
 * Who the router at the other end of a link is, learned from its Router Advertisements, and what we send so that it
 * learns of us. The link is meant to be between two: of several routers the first one is taken, until it falls silent.
 */
export class RouterDiscovery {
  #neighbour: { readonly address: IpAddress; heardAt: number } | undefined;
  #others = 0;
  #solicited = 0;
  #advertised = 0;
  #solicitAt: number;
  #advertiseAt: number;
  #advertisedAt = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.#solicitAt = now;
    this.#advertiseAt = now;
  }

  get neighbour(): IpAddress | undefined {
    return this.#neighbour?.address;
  }

  /** More than one router speaks on the link. */
  get isCrowded(): boolean {
    return this.#others > 0;
  }

  /** What to send now. */
  due(now: number): RouterMessage["type"][] {
    const messages: RouterMessage["type"][] = [];
    if (!this.#neighbour && now >= this.#solicitAt) {
      messages.push("solicitation");
      this.#solicited++;
      this.#solicitAt = now + (this.#solicited < promptSolicitations ? solicitEveryMs : steadyEveryMs);
    }
    if (now >= this.#advertiseAt) {
      messages.push("advertisement");
      this.#advertised++;
      this.#advertisedAt = now;
      this.#advertiseAt = now + (this.#advertised < promptAdvertisements ? advertiseGapMs : steadyEveryMs);
    }
    return messages;
  }

  /** Takes a message in; gives the neighbour where it is another one than before. */
  heard({ type, source }: RouterMessage, now: number): IpAddress | undefined {
    if (type === "solicitation") {
      this.#advertiseAt = Math.min(this.#advertiseAt, Math.max(now, this.#advertisedAt + advertiseGapMs));
      return undefined;
    }
    const known = this.#neighbour;
    if (known && sameAddress(known.address, source)) {
      known.heardAt = now;
      return undefined;
    }
    if (known && now - known.heardAt < silenceMs) {
      this.#others++;
      return undefined;
    }
    this.#neighbour = { address: source, heardAt: now };
    this.#others = 0;
    // A router that has just come is told of us at once, not at the next turn.
    this.#advertiseAt = Math.min(this.#advertiseAt, Math.max(now, this.#advertisedAt + advertiseGapMs));
    return source;
  }
}
