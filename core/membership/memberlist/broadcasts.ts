import { retransmitLimit } from "./formulas.ts";

interface Broadcast {
  readonly about: string;
  readonly message: Uint8Array;
  readonly id: number;
  transmits: number;
  readonly finished: (() => void) | undefined;
}

/**
 * What is to be gossiped: one message about each member, for a newer one makes an older one void. Fresh ones go first,
 * and of equally fresh ones the largest that fits; each is sent `retransmitLimit` times.
 */
export class Broadcasts {
  readonly #multiplier: number;
  /** In the order in which they are taken. */
  #queue: Broadcast[] = [];
  #nextId = 1;

  constructor(retransmitMult: number) {
    this.#multiplier = retransmitMult;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** `finished` is told when it was sent often enough, or is void. */
  add(about: string, message: Uint8Array, finished?: () => void): void {
    const old = this.#queue.findIndex((broadcast) => broadcast.about === about);
    if (old !== -1) this.#queue.splice(old, 1)[0]?.finished?.();
    this.#insert({ about, message, id: this.#nextId++, transmits: 0, finished });
  }

  /** Messages that fit into `bytesMax` with `overhead` bytes for each, for one datagram. */
  take(overhead: number, bytesMax: number, members: number): Uint8Array[] {
    if (this.#queue.length === 0) return [];
    const limit = retransmitLimit(this.#multiplier, members);
    const taken: Broadcast[] = [];
    const left: Broadcast[] = [];
    let free = bytesMax;
    for (const broadcast of this.#queue) {
      const bytes = overhead + broadcast.message.length;
      if (bytes <= free) {
        free -= bytes;
        taken.push(broadcast);
      } else left.push(broadcast);
    }
    this.#queue = left;
    for (const broadcast of taken) {
      if (++broadcast.transmits >= limit) broadcast.finished?.();
      else this.#insert(broadcast);
    }
    return taken.map(({ message }) => message);
  }

  #insert(broadcast: Broadcast): void {
    let [low, high] = [0, this.#queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(broadcast, this.#queue[middle] as Broadcast)) high = middle;
      else low = middle + 1;
    }
    this.#queue.splice(low, 0, broadcast);
  }
}

function isBefore(a: Broadcast, b: Broadcast): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits;
  if (a.message.length !== b.message.length) return a.message.length > b.message.length;
  return a.id > b.id;
}
