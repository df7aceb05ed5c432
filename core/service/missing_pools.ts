import type { Pool } from "#core/config/mod.ts";

/** How long Services keep addresses of pools that are gone without a word. */
export interface MissingPoolTimes {
  /** A pool was deleted: all may be going, one after the other, as when their CRD is deleted. */
  readonly removalGraceMs: number;
  /** All pools were gone and the first is back, or the controller started without one: others may follow. */
  readonly returnGraceMs: number;
}

/**
 * Pools that vanished and whose Services are not released yet. Where the last pool vanishes, they are held without
 * limit: an API without pools is far more often an accident (a CRD deleted by an upgrade) than a wish. A pool that says
 * `metallb.io/on-removal: release` is believed at once, and one that says `keep` needs no time here.
 */
export class MissingPools {
  readonly #times: MissingPoolTimes;
  /** Infinity: as long as there is no pool at all. */
  readonly #deadlines = new Map<string, number>();
  #present = new Map<string, Pool | undefined>();

  constructor(times: MissingPoolTimes) {
    this.#times = times;
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#deadlines.keys());
  }

  /** Every pool vanished, and addresses are held nonetheless. */
  get isHolding(): boolean {
    return this.#present.size === 0 && this.#deadlines.size > 0;
  }

  /** `rejected` pools exist, too. */
  update(pools: readonly Pool[], rejected: ReadonlySet<string>, now: number): void {
    const before = this.#present;
    this.#present = new Map([...rejected].map((name) => [name, before.get(name)]));
    for (const pool of pools) this.#present.set(pool.name, pool);
    for (const [name, pool] of before) {
      const said = pool?.policy?.onRemoval;
      if (!this.#present.has(name) && said === undefined) this.#miss(name, now + this.#times.removalGraceMs);
    }
    const isEmpty = this.#present.size === 0;
    for (const [name, deadline] of this.#deadlines) {
      if (this.#present.has(name)) this.#deadlines.delete(name);
      else if (isEmpty) this.#deadlines.set(name, Number.POSITIVE_INFINITY);
      else if (deadline === Number.POSITIVE_INFINITY) this.#miss(name, now + this.#times.returnGraceMs);
    }
    this.expire(now);
  }

  /** A Service holds addresses of this pool, by its annotation. True where the pool is found missing by that. */
  sees(name: string, now: number): boolean {
    if (this.#present.has(name) || this.#deadlines.has(name)) return false;
    this.#miss(name, this.#present.size === 0 ? Number.POSITIVE_INFINITY : now + this.#times.returnGraceMs);
    this.expire(now);
    return this.#deadlines.has(name);
  }

  /** Forgets those whose time is over; true where there were some. */
  expire(now: number): boolean {
    const over = [...this.#deadlines].filter(([, deadline]) => deadline <= now);
    for (const [name] of over) this.#deadlines.delete(name);
    return over.length > 0;
  }

  nextDeadline(): number | undefined {
    const least = Math.min(...this.#deadlines.values());
    return Number.isFinite(least) ? least : undefined;
  }

  #miss(name: string, deadline: number): void {
    this.#deadlines.set(name, deadline);
  }
}
