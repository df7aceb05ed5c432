import type { Family, Prefix } from "#core/net/mod.ts";
import { type AddressFamily, sameFamily, unicastOf } from "../codec/mod.ts";
import { type AttributeSet, AttributeSets } from "./attribute_set.ts";
import { type ExportContext, nextHopsOf } from "./export_policy.ts";
import { type Entry, Outbox } from "./outbox.ts";
import {
  announcement,
  type EncodedUpdate,
  endOfRib,
  hasRoom,
  type Packing,
  refreshMark,
  withdrawal,
} from "./packing.ts";
import { type PrefixKey, prefixKey } from "./prefix_key.ts";
import type { Route } from "./route.ts";

/**
 * Adj-RIB-Out of one peer (RFC 4271 §3.2): the routes it shall know, those it was told, and the UPDATEs that make the
 * one the other. A change costs what it changes; many prefixes of one attribute set share an UPDATE. What is changed
 * back before it was sent is never sent.
 */
export class AdjRibOut {
  readonly #entries = new Map<PrefixKey, Entry>();
  readonly #sets = new AttributeSets<Entry>();
  readonly #outbox = new Outbox();
  #context: ExportContext | undefined;
  /** Families whose End-of-RIB is still to be sent. */
  #endsOfRib: AddressFamily[] = [];
  /** Answers to ROUTE-REFRESH whose beginning, and whose end, is still to be said (RFC 7313 §4.2). */
  #refreshBegins: AddressFamily[] = [];
  #refreshEnds: AddressFamily[] = [];
  /** replace() has said what the whole is; before that, nobody may claim that all was sent. */
  #isFilled = false;
  #generation = 0;
  #oversized: Prefix | undefined;
  #gracefulShutdown = false;
  readonly #announced: Record<Family, number> = { ipv4: 0, ipv6: 0 };

  /** Prefixes that the peer knows from us. */
  get announced(): number {
    return this.#announced.ipv4 + this.#announced.ipv6;
  }

  announcedOf(family: Family): number {
    return this.#announced[family];
  }

  /** Prefixes still to be announced or withdrawn; without a session, all that wait for one. */
  get pending(): number {
    return this.#context ? this.#outbox.size : this.#entries.size;
  }

  /** A route that this session cannot announce, because its attributes alone fill a message; asking forgets it. */
  takeOversized(): Prefix | undefined {
    const prefix = this.#oversized;
    this.#oversized = undefined;
    return prefix;
  }

  /** Distinct sets of attributes held; prefixes of one set share UPDATEs. */
  get attributeSets(): number {
    return this.#sets.size;
  }

  /** The whole of what the peer shall know. */
  replace(routes: Iterable<Route>): void {
    this.#isFilled = true;
    this.#generation++;
    for (const route of routes) this.#want(route);
    for (const entry of this.#entries.values()) {
      if (entry.desired && entry.generation !== this.#generation) this.#unwant(entry);
    }
  }

  change(announce: Iterable<Route>, withdraw: Iterable<Prefix>): void {
    for (const route of announce) this.#want(route);
    for (const prefix of withdraw) {
      const entry = this.#entries.get(prefixKey(prefix));
      if (entry?.desired) this.#unwant(entry);
    }
  }

  /** A session is up: the peer knows nothing yet, and is owed everything and then an End-of-RIB of each family (RFC 4724 §2). */
  open(context: ExportContext): void {
    this.#context = { ...context, gracefulShutdown: this.#gracefulShutdown };
    this.#sets.forgetContext();
    this.#endsOfRib = [...context.families];
    for (const entry of this.#entries.values()) this.#enqueue(entry);
  }

  /** The session is gone, and with it all that the peer knew. */
  close(): void {
    this.#context = undefined;
    this.#endsOfRib = [];
    this.#refreshBegins = [];
    this.#refreshEnds = [];
    for (const entry of this.#entries.values()) {
      this.#outbox.remove(entry);
      this.#tell(entry, undefined);
    }
  }

  /** The peer asked for the routes of a family again (RFC 2918 §4), and may want beginning and end marked (RFC 7313). */
  refresh(family: AddressFamily, isFramed = false): void {
    const isOf = (other: AddressFamily) => sameFamily(other, family);
    // The initial routes are still on their way: their End-of-RIB answers, too.
    if (isFramed && this.#context?.families.some(isOf) && !this.#endsOfRib.some(isOf)) {
      this.#refreshBegins.push(family);
    }
    this.#tellAgain((entry) => sameFamily(family, unicastOf(entry.prefix.address.family)));
  }

  /** Announces everything with GRACEFUL_SHUTDOWN from now on, or without it again (RFC 8326); false: it was so already. */
  setGracefulShutdown(gracefulShutdown: boolean): boolean {
    if (this.#gracefulShutdown === gracefulShutdown) return false;
    this.#gracefulShutdown = gracefulShutdown;
    if (!this.#context) return true;
    this.#context = { ...this.#context, gracefulShutdown };
    this.#sets.forgetContext();
    this.#tellAgain(() => true);
    return true;
  }

  /** UPDATEs to send next, until about `bytesMax` octets; what they say counts as told. */
  take(bytesMax: number): EncodedUpdate[] {
    const updates: EncodedUpdate[] = [];
    for (let bytes = 0; this.#context && bytes < bytesMax; ) {
      const update = this.#next(this.#context);
      if (!update) break;
      updates.push(update);
      bytes += update.bytes.length;
    }
    return updates;
  }

  /** Announcements first: what replaces a withdrawn route is there before it goes. */
  #next(context: ExportContext): EncodedUpdate | undefined {
    const begun = this.#refreshBegins.shift();
    if (begun) {
      this.#refreshEnds.push(begun);
      return refreshMark(begun, "begin");
    }
    const set = this.#outbox.readySet;
    if (set) return this.#fill(announcement(set, context), set.pending, set);
    for (const family of ["ipv4", "ipv6"] as const) {
      const queue = this.#outbox.withdrawals[family];
      if (queue.size > 0) return this.#fill(withdrawal(family, context), queue, undefined);
    }
    const ended = this.#isFilled ? this.#endsOfRib.shift() : undefined;
    if (ended) return endOfRib(ended);
    const refreshed = this.#refreshEnds.shift();
    return refreshed && refreshMark(refreshed, "end");
  }

  /** As many entries of the queue as one UPDATE takes; they are told the set from now on. */
  #fill({ free, pack }: Packing, queue: Set<Entry>, told: AttributeSet<Entry> | undefined): EncodedUpdate {
    return pack(this.#outbox.take(queue, free).map((entry) => this.#tell(entry, told)));
  }

  #tellAgain(isAsked: (entry: Entry) => boolean): void {
    for (const entry of this.#entries.values()) {
      if (!entry.told || !isAsked(entry)) continue;
      this.#tell(entry, this.#sets.outdated);
      this.#enqueue(entry);
    }
  }

  #want(route: Route): void {
    const key = prefixKey(route.prefix);
    let entry = this.#entries.get(key);
    if (!entry) {
      const { prefix } = route;
      entry = { key, prefix, desired: undefined, told: undefined, queue: undefined, generation: 0 };
      this.#entries.set(key, entry);
    }
    entry.generation = this.#generation;
    const before = entry.desired;
    const set = this.#sets.of(route);
    if (before === set) return;
    this.#sets.retain(set);
    entry.desired = set;
    this.#enqueue(entry);
    if (before) this.#sets.release(before);
  }

  #unwant(entry: Entry): void {
    const before = entry.desired;
    entry.desired = undefined;
    this.#enqueue(entry);
    if (!entry.told) this.#entries.delete(entry.key);
    if (before) this.#sets.release(before);
  }

  #enqueue(entry: Entry): void {
    const wanted = this.#sendable(entry);
    if (wanted === entry.told) this.#outbox.remove(entry);
    else if (wanted) this.#outbox.announce(entry, wanted);
    else this.#outbox.withdraw(entry);
  }

  /** Notes what the peer knows of the prefix from now on. */
  #tell(entry: Entry, told: AttributeSet<Entry> | undefined): Prefix {
    const before = entry.told;
    if (told) this.#sets.retain(told);
    entry.told = told;
    this.#announced[entry.prefix.address.family] += Number(told !== undefined) - Number(before !== undefined);
    if (before) this.#sets.release(before);
    if (!told && !entry.desired) this.#entries.delete(entry.key);
    return entry.prefix;
  }

  /** What is desired, where the session carries the prefix's family and has a next hop for it. */
  #sendable({ prefix, desired }: Entry): AttributeSet<Entry> | undefined {
    if (!this.#context || !desired) return undefined;
    const family = unicastOf(prefix.address.family);
    const isCarried = this.#context.families.some((carried) => sameFamily(carried, family));
    if (!isCarried || !nextHopsOf(desired.policy, this.#context)) return undefined;
    if (hasRoom(desired, prefix, this.#context)) return desired;
    this.#oversized = prefix;
    return undefined;
  }
}
