import type { Family, Prefix } from "#core/net/mod.ts";
import { prefixFieldLength } from "../codec/mod.ts";
import type { AttributeSet } from "./attribute_set.ts";
import type { PrefixKey } from "./prefix_key.ts";

/** One prefix: what the peer shall know of it, and what it was told. */
export interface Entry {
  readonly key: PrefixKey;
  readonly prefix: Prefix;
  desired: AttributeSet<Entry> | undefined;
  told: AttributeSet<Entry> | undefined;
  /** Where it waits: among the pending of its desired set, or among the withdrawals. */
  queue: Set<Entry> | undefined;
  /** Number of the last replace() that named it. */
  generation: number;
}

/** Entries whose announcement or withdrawal is still to be sent, each at most once, grouped as UPDATEs carry them. */
export class Outbox {
  /** Sets with pending entries, in the order they came up. */
  readonly #ready = new Set<AttributeSet<Entry>>();
  readonly withdrawals: Readonly<Record<Family, Set<Entry>>> = { ipv4: new Set(), ipv6: new Set() };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The attribute set whose turn it is. */
  get readySet(): AttributeSet<Entry> | undefined {
    for (const set of this.#ready) {
      if (set.pending.size > 0) return set;
      this.#ready.delete(set);
    }
    return undefined;
  }

  announce(entry: Entry, set: AttributeSet<Entry>): void {
    this.#ready.add(set);
    this.#move(entry, set.pending);
  }

  withdraw(entry: Entry): void {
    this.#move(entry, this.withdrawals[entry.prefix.address.family]);
  }

  remove(entry: Entry): void {
    this.#move(entry, undefined);
  }

  /** Takes as many entries off the queue as fit into the octets, at least one. */
  take(queue: Set<Entry>, octets: number): Entry[] {
    const taken: Entry[] = [];
    let free = octets;
    for (const entry of queue) {
      free -= prefixFieldLength(entry.prefix);
      if (free < 0 && taken.length > 0) break;
      taken.push(entry);
    }
    for (const entry of taken) this.remove(entry);
    return taken;
  }

  #move(entry: Entry, queue: Set<Entry> | undefined): void {
    if (entry.queue === queue) return;
    if (entry.queue?.delete(entry)) this.#size--;
    if (queue?.add(entry)) this.#size++;
    entry.queue = queue;
  }
}
