import { broadcastMac, type Mac } from "#core/net/mod.ts";
import { arpOperation, encodeArp, type Ipv4Number } from "./arp.ts";

/** The two frames of one announcement, request and then reply, as MetalLB sends them: hosts differ in which they believe. */
export function gratuitousFrames(mac: Mac, address: Ipv4Number): Uint8Array[] {
  return [arpOperation.request, arpOperation.reply].map((operation) =>
    encodeArp({
      destination: broadcastMac,
      source: mac,
      operation,
      senderMac: mac,
      senderAddress: address,
      targetMac: broadcastMac,
      targetAddress: address,
      trailer: new Uint8Array(0),
    }),
  );
}

export interface GratuitousTiming {
  burstIntervalMs: number;
  /** From the first round; a round that would come later is not sent. */
  burstMs: number;
  /** After the burst, so that switch tables do not age out. Infinity: never. */
  refreshIntervalMs: number;
}

/** MetalLB's burst: at once, then every 1.1 s for 5 s; and a refresh each minute. */
export const defaultGratuitousTiming: GratuitousTiming = {
  burstIntervalMs: 1_100,
  burstMs: 5_000,
  refreshIntervalMs: 60_000,
};

interface Entry {
  dueAt: number;
  burstEndsAt: number;
}

/**
 * When to announce each address on one interface. All waits of a kind are equally long, so three queues in the order
 * of insertion are in the order of time too, and every operation costs the same however many addresses there are.
 */
export class GratuitousSchedule<Address> {
  readonly #timing: GratuitousTiming;
  readonly #fresh = new Map<Address, Entry>();
  readonly #burst = new Map<Address, Entry>();
  readonly #refresh = new Map<Address, Entry>();
  /** Kept, for it is asked for after each frame that is answered. */
  #nextDeadline = Infinity;

  constructor(timing: GratuitousTiming = defaultGratuitousTiming) {
    this.#timing = timing;
  }

  /** A burst that begins now, also where one is going on. */
  start(address: Address, now: number): void {
    this.#remove(address);
    this.#fresh.set(address, { dueAt: now, burstEndsAt: now + this.#timing.burstMs });
    this.#nextDeadline = this.#earliest();
  }

  stop(address: Address): void {
    this.#remove(address);
    this.#nextDeadline = this.#earliest();
  }

  /** Infinity when nothing is to be announced. */
  nextDeadline(): number {
    return this.#nextDeadline;
  }

  /** Takes at most `max` addresses that are due, takeovers first, and sets when each comes again. */
  takeDue(now: number, max: number): Address[] {
    const due: Address[] = [];
    for (const queue of [this.#fresh, this.#burst, this.#refresh]) {
      for (const [address, entry] of queue) {
        if (due.length >= max || entry.dueAt > now) break;
        due.push(address);
        queue.delete(address);
        this.#again(address, entry, now);
      }
    }
    this.#nextDeadline = this.#earliest();
    return due;
  }

  #again(address: Address, { burstEndsAt }: Entry, now: number): void {
    const { burstIntervalMs, refreshIntervalMs } = this.#timing;
    if (now + burstIntervalMs <= burstEndsAt)
      this.#burst.set(address, { dueAt: now + burstIntervalMs, burstEndsAt });
    else if (refreshIntervalMs !== Infinity)
      this.#refresh.set(address, { dueAt: now + refreshIntervalMs, burstEndsAt });
  }

  #remove(address: Address): void {
    this.#fresh.delete(address) || this.#burst.delete(address) || this.#refresh.delete(address);
  }

  #earliest(): number {
    return Math.min(firstDue(this.#fresh), firstDue(this.#burst), firstDue(this.#refresh));
  }
}

function firstDue(queue: ReadonlyMap<unknown, Entry>): number {
  for (const entry of queue.values()) return entry.dueAt;
  return Infinity;
}
