import type { Family } from "#core/net/mod.ts";
import type { AddressBlock } from "./address_block.ts";
import type { PoolState } from "./pool_state.ts";

/** An address that was given back and is not given to others yet. */
export interface Cooling {
  readonly family: Family;
  readonly value: bigint;
  readonly block: AddressBlock;
  readonly pool: PoolState;
  /** Who held it last, and may have it again at once. */
  readonly service: string;
  readonly freedAtMs: number;
}

/**
 * Addresses that cool down before they are reused (annotation `metallb.io/reuse-after`). Of each pool they stand in the
 * order in which they came, so the first is the first to end, also when the pool's duration is edited.
 */
export class CoolDown {
  /** Epoch milliseconds; never goes back. */
  #now = 0;
  readonly #byPool = new Map<PoolState, Set<Cooling>>();
  readonly #byService = new Map<string, Set<Cooling>>();

  /** The last holder left: does the address cool down? */
  start(block: AddressBlock, family: Family, value: bigint, service: string): void {
    if (block.pool.reuseAfterMs === 0 || block.reserved.has(value) || block.excludes(value)) return;
    this.#add({ family, value, block, pool: block.pool, service, freedAtMs: this.#now });
  }

  end(cooling: Cooling): void {
    const { pool, block, service, value } = cooling;
    block.cooling.delete(value);
    block.offer(value);
    pool.reopen(block);
    removeFrom(this.#byPool, pool, cooling);
    removeFrom(this.#byService, service, cooling);
  }

  /** What the Service gave back and may have again. */
  of(service: string): ReadonlySet<Cooling> | undefined {
    return this.#byService.size === 0 ? undefined : this.#byService.get(service);
  }

  /** Ends what is over. */
  advance(now: number): Cooling[] {
    this.#now = Math.max(now, this.#now);
    const over: Cooling[] = [];
    for (const [pool, all] of this.#byPool) {
      for (const cooling of all) {
        if (cooling.freedAtMs + pool.reuseAfterMs > this.#now) break;
        over.push(cooling);
      }
    }
    for (const cooling of over) this.end(cooling);
    return over;
  }

  nextDeadline(): number | undefined {
    let least: number | undefined;
    for (const [pool, all] of this.#byPool) {
      const [first] = all;
      if (!first) continue;
      const deadline = first.freedAtMs + pool.reuseAfterMs;
      if (least === undefined || deadline < least) least = deadline;
    }
    return least;
  }

  /** Blocks are others now: what lies in none, or in a pool that does not wait, cools no more. */
  rehome(blockOf: (family: Family, value: bigint) => AddressBlock | undefined): void {
    for (const cooling of [...this.#byPool.values()].flatMap((all) => [...all])) {
      const { family, value, block, pool } = cooling;
      const now = blockOf(family, value);
      if (now === block && pool.reuseAfterMs > 0 && !block.excludes(value)) continue;
      this.end(cooling);
      if (!now || now.pool.reuseAfterMs === 0 || now.excludes(value)) continue;
      this.#add({ ...cooling, block: now, pool: now.pool });
    }
  }

  #add(cooling: Cooling): void {
    cooling.block.cooling.set(cooling.value, cooling);
    addTo(this.#byPool, cooling.pool, cooling);
    addTo(this.#byService, cooling.service, cooling);
  }
}

function addTo<K>(map: Map<K, Set<Cooling>>, key: K, cooling: Cooling): void {
  const set = map.get(key);
  if (set) set.add(cooling);
  else map.set(key, new Set([cooling]));
}

function removeFrom<K>(map: Map<K, Set<Cooling>>, key: K, cooling: Cooling): void {
  const set = map.get(key);
  set?.delete(cooling);
  if (set?.size === 0) map.delete(key);
}
