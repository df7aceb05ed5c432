import {
  decodeHandover,
  encodeHandover,
  handoverKind,
  type Owned,
  type OwnedTable,
  Yielding,
} from "#core/l2/mod.ts";
import { yieldLimitMs } from "./protocol.ts";

/** Sends a message to a fellow speaker, authenticated; it may be lost. */
export interface Teller {
  tell(node: string, kind: number, payload: Uint8Array, now: number): void;
}

const timing = { offerIntervalMs: 100, offersMax: 2_048, limitMs: yieldLimitMs };
/** A node that left goes on answering for no longer than this: who takes from it tells it so. */
const leftMs = yieldLimitMs;

export interface HandoverUser {
  /** Its first gratuitous frame went out, and it is answered. */
  isHeld(entry: Owned): boolean;
  /** A fellow that gives the address to this node answers for it until then. */
  offered(entry: Owned, now: number): void;
  /** Another answers for it, or should. */
  release(entry: Owned, to: string, why: "claimed" | "limit"): void;
}

/** Gives addresses to other speakers and takes theirs, so that at every moment somebody answers. */
export class Handover {
  readonly #teller: Teller;
  readonly #owned: OwnedTable;
  readonly #user: HandoverUser;
  readonly #yielding = new Yielding<Owned>(timing);
  /** Offered to this node before it had announced them. */
  readonly #offered = new Map<Owned, string>();
  readonly #claims = new Map<string, Owned[]>();
  readonly #leftUntil = new Map<string, number>();
  #heirs: readonly string[] = [];
  #isLeaving = false;

  constructor(teller: Teller, owned: OwnedTable, user: HandoverUser) {
    this.#teller = teller;
    this.#owned = owned;
    this.#user = user;
  }

  /** Who takes most of this node's addresses when it leaves. */
  setHeirs(nodes: readonly string[]): void {
    this.#heirs = nodes;
  }

  yieldTo(entry: Owned, node: string, now: number): void {
    this.#yielding.start(entry, node, now);
  }

  /** True where it was to be given up, and is not. */
  keep(entry: Owned): boolean {
    return this.#yielding.stop(entry);
  }

  /** Whether another node may speak as the address now, because both of them answer for a while. */
  isShared(entry: Owned): boolean {
    return this.#isLeaving || this.#yielding.target(entry) !== undefined;
  }

  forget(entry: Owned): void {
    this.#yielding.stop(entry);
    this.#offered.delete(entry);
  }

  /** From now on everything is for whoever claims it. */
  leave(now: number): void {
    this.#isLeaving = true;
    // All heirs are offered all of it; the first only stands for them.
    const [heir] = this.#heirs;
    if (heir === undefined) return;
    for (const entry of this.#owned.values()) if (entry.isAnswered) this.#yielding.start(entry, heir, now);
  }

  /** The node said goodbye, and answers until its addresses are claimed. */
  left(node: string, now: number): void {
    this.#leftUntil.set(node, now + leftMs);
  }

  /** What was being given to a node that is gone: nobody takes it, so it is kept. */
  gone(node: string): Owned[] {
    return this.#isLeaving ? [] : this.#yielding.abandon(node);
  }

  /** The first gratuitous frame of an address went out: it is claimed from whoever waits for that. */
  announced(entry: Owned, now: number): void {
    const from = this.#offered.get(entry);
    this.#offered.delete(entry);
    if (from !== undefined) this.#claim(from, entry);
    for (const [node, until] of this.#leftUntil) {
      if (until < now) this.#leftUntil.delete(node);
      else if (node !== from) this.#claim(node, entry);
    }
  }

  told(from: string, kind: number, payload: Uint8Array, now: number): void {
    if (kind !== handoverKind.offer && kind !== handoverKind.claim) return;
    for (const bytes of decodeHandover(payload) ?? []) {
      const entry = this.#owned.findBytes(bytes);
      if (!entry) continue;
      if (kind === handoverKind.claim) this.#claimed(entry, from);
      // Who gives it away itself takes it from nobody: two that give it to each other would both be silent.
      else if (this.isShared(entry)) continue;
      else if (this.#user.isHeld(entry)) this.#claim(from, entry);
      else {
        this.#offered.set(entry, from);
        this.#user.offered(entry, now);
      }
    }
  }

  nextDeadline(): number {
    return this.#claims.size > 0 ? -Infinity : this.#yielding.nextDeadline();
  }

  expire(now: number): void {
    for (const [node, entries] of this.#claims) this.#send(node, handoverKind.claim, entries, now);
    this.#claims.clear();
    const { offers, overdue } = this.#yielding.takeDue(now);
    for (const { address, to } of overdue) this.#user.release(address, to, "limit");
    for (const [node, entries] of offers) {
      const nodes = this.#isLeaving ? this.#heirs : [node];
      for (const each of nodes) this.#send(each, handoverKind.offer, entries, now);
    }
  }

  #claim(from: string, entry: Owned): void {
    const claims = this.#claims.get(from);
    if (claims) claims.push(entry);
    else this.#claims.set(from, [entry]);
  }

  /** Only by whom it is given to; one that leaves gives to anybody. */
  #claimed(entry: Owned, by: string): void {
    if (!entry.isAnswered || !(this.#isLeaving || this.#yielding.target(entry) === by)) return;
    this.#yielding.stop(entry);
    this.#user.release(entry, by, "claimed");
  }

  #send(node: string, kind: number, entries: readonly Owned[], now: number): void {
    for (const message of encodeHandover(entries.map(({ bytes }) => bytes)))
      this.#teller.tell(node, kind, message, now);
  }
}
