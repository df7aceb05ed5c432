export interface YieldTiming {
  /** Between two offers of an address. */
  offerIntervalMs: number;
  /** Addresses offered at once; with more they take turns, so that offers never crowd out answers. */
  offersMax: number;
  /** After it an address is given up, whether or not it was claimed. */
  limitMs: number;
}

export interface YieldsDue<Address> {
  /** By the node they are offered to. */
  offers: Map<string, Address[]>;
  /** Nobody claimed them in time. */
  overdue: { address: Address; to: string }[];
}

/**
 * The addresses that this node answers for only until another does (make before break). All limits are equally long,
 * so that the order of insertion is the order in which they end.
 */
export class Yielding<Address> {
  readonly #timing: YieldTiming;
  readonly #entries = new Map<Address, { to: string; endsAt: number }>();
  /** Who was offered longest ago comes first. */
  readonly #turns = new Set<Address>();
  #offerAt = Infinity;

  constructor(timing: YieldTiming) {
    this.#timing = timing;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whom the address is yielded to, where it is. */
  target(address: Address): string | undefined {
    return this.#entries.get(address)?.to;
  }

  /** Another target begins anew; the same one changes nothing. */
  start(address: Address, to: string, now: number): void {
    if (this.target(address) === to) return;
    this.stop(address);
    this.#entries.set(address, { to, endsAt: now + this.#timing.limitMs });
    this.#turns.add(address);
    this.#offerAt = Math.min(this.#offerAt, now);
  }

  stop(address: Address): boolean {
    this.#turns.delete(address);
    const wasThere = this.#entries.delete(address);
    if (this.#entries.size === 0) this.#offerAt = Infinity;
    return wasThere;
  }

  /** What was yielded to a node that died: nobody takes it now, and it is kept. */
  abandon(node: string): Address[] {
    const kept: Address[] = [];
    for (const [address, { to }] of this.#entries) if (to === node) kept.push(address);
    for (const address of kept) this.stop(address);
    return kept;
  }

  nextDeadline(): number {
    for (const { endsAt } of this.#entries.values()) return Math.min(endsAt, this.#offerAt);
    return Infinity;
  }

  takeDue(now: number): YieldsDue<Address> {
    const due: YieldsDue<Address> = { offers: new Map(), overdue: [] };
    for (const [address, { to, endsAt }] of this.#entries) {
      if (endsAt > now) break;
      due.overdue.push({ address, to });
    }
    for (const { address } of due.overdue) this.stop(address);
    if (this.#offerAt > now) return due;
    const { offerIntervalMs, offersMax } = this.#timing;
    if (this.#entries.size > 0) this.#offerAt = now + offerIntervalMs;
    const turn: Address[] = [];
    for (const address of this.#turns) if (turn.push(address) === offersMax) break;
    for (const address of turn) {
      this.#turns.delete(address);
      this.#turns.add(address);
      const to = this.target(address);
      if (to === undefined) continue;
      const offered = due.offers.get(to);
      if (offered) offered.push(address);
      else due.offers.set(to, [address]);
    }
    return due;
  }
}
