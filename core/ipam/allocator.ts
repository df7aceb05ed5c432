import { assert } from "#core/bytes/mod.ts";
import type { Pool } from "#core/config/mod.ts";
import { compareAddress, type Family, formatAddress, type IpAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { addressMap } from "./address_map.ts";
import type { Held } from "./holding.ts";
import { Ledger } from "./ledger.ts";
import { replacePools } from "./pool_change.ts";
import type { PoolState } from "./pool_state.ts";
import { type Choice, choose, describeRanges, inOrder, type Search, whyNone } from "./selection.ts";
import { sharingRefusal } from "./sharing.ts";
import type {
  AddressCell,
  Adoption,
  Allocation,
  Claimant,
  FamilyDemand,
  HeldAddress,
  HeldPart,
  Opening,
  PoolChange,
  PoolUse,
  Refusal,
} from "./types.ts";

/** Gives addresses to Services. Deterministic; every method says what changed, and every refusal says why. */
export class Allocator {
  readonly #ledger = new Ledger();
  readonly #pools = new Map<string, PoolState>();
  #order: { pinned: PoolState[]; unpinned: PoolState[] } = { pinned: [], unpinned: [] };
  #heldPools: ReadonlySet<string> = new Set();

  /**
   * Replaces the pools, which must not overlap. Whoever holds an address that still lies in some pool keeps it;
   * `heldPools` names pools that are not listed and whose holders keep their addresses nonetheless.
   */
  setPools(pools: readonly Pool[], heldPools: ReadonlySet<string> = new Set()): PoolChange {
    const change = replacePools(this.#pools, this.#ledger, pools, heldPools);
    const changed = change.changed || this.#heldPools.symmetricDifference(heldPools).size > 0;
    this.#heldPools = heldPools;
    this.#order = inOrder(this.#pools.values());
    return { ...change, changed };
  }

  /** True: no pool can give an address, and none is held for its Services. */
  get isIdle(): boolean {
    return this.#pools.size === 0 && this.#heldPools.size === 0;
  }

  /**
   * Registers addresses that the Service has: from its status, or those it holds already, which is how a change of its
   * ports or labels is checked. It holds exactly `kept` afterwards; what another holds, or no pool has, is refused.
   * `pool` is what its annotation ip-allocated-from-pool says.
   */
  adopt(claimant: Claimant, addresses: readonly IpAddress[], pool = ""): Adoption {
    const kept: IpAddress[] = [];
    const refused: Adoption["refused"][number][] = [];
    for (const address of addresses) {
      const why = this.#refusalAt(address, claimant, pool);
      if (why) refused.push({ address, why });
      else kept.push(address);
    }
    return { kept, refused, openings: this.#ledger.assign(claimant.service, claimant.sharing, kept, pool) };
  }

  /** The lowest free addresses of the first pool that serves the claimant; `poolName` asks for one pool, autoAssign or not. */
  allocate(claimant: Claimant, families: FamilyDemand, poolName?: string): Allocation | Refusal {
    const search: Search = { trace: [], open: [] };
    const choice =
      poolName === undefined
        ? (choose(this.#order.pinned, "automatic", claimant, families, search) ??
          choose(this.#order.unpinned, "automatic", claimant, families, search))
        : choose(this.#named(poolName), "by name", claimant, families, search);
    if (choice) return this.#take(claimant, choice, choice.addresses, search);
    const named = poolName ?? (this.#pools.size === 0 ? [...this.#heldPools].sort()[0] : undefined);
    const why =
      named === undefined || this.#pools.has(named) ? whyNone(search.trace) : this.#unknownPool(named);
    return { why, trace: search.trace, waitsFor: { pools: search.open, addresses: [] } };
  }

  /** Exactly these addresses; all of them must lie in one pool, in `poolName` where it is given. */
  allocateExactly(
    claimant: Claimant,
    addresses: readonly IpAddress[],
    poolName?: string,
  ): Allocation | Refusal {
    const waitsFor = { pools: [], addresses: addresses.map(formatAddress) };
    const refuse = (why: Reason): Refusal => ({ why, trace: [], waitsFor });
    if (poolName !== undefined && !this.#pools.has(poolName)) return refuse(this.#unknownPool(poolName));
    const pools: PoolState[] = [];
    for (const address of addresses) {
      const pool = this.#ledger.blockOf(address)?.pool;
      if (!pool) return refuse(this.#outsidePools(address));
      const actual = pool.pool.name;
      if (poolName !== undefined && actual !== poolName) {
        const text = formatAddress(address);
        return refuse(reason("address.other-pool", { address: text, actual, wanted: poolName }));
      }
      const why = this.#refusalAt(address, claimant, "");
      if (why) return refuse(why);
      pools.push(pool);
    }
    const [pool, other] = pools;
    assert(pool, "at least one address is asked for");
    if (other && other !== pool) {
      const [first, second] = addresses.map(formatAddress) as [string, string];
      const [firstPool, secondPool] = [pool.pool.name, other.pool.name];
      return refuse(reason("address.two-pools", { first, firstPool, second, secondPool }));
    }
    return this.#take(claimant, { pool, addresses }, addresses, { trace: [], open: [] });
  }

  /** One address more, of the other family and from the pool of the one that the Service holds. */
  extend(claimant: Claimant, family: Family): Allocation | Refusal {
    const held = this.#ledger.holdings.get(claimant.service)?.addresses ?? [];
    const first = held[0];
    const pool = first && this.#pools.get(first.pool);
    const refuse = (why: Reason): Refusal => ({
      why,
      trace: [{ stage: "pool", subject: first?.pool ?? "", verdict: "blocked", why }],
      waitsFor: { pools: first ? [first.pool] : [], addresses: [] },
    });
    if (!pool) return refuse(reason("pool.held", { pool: first?.pool ?? "" }));
    const found = pool.lowest(family, claimant);
    if (!found) return refuse(pool.lack(family).why);
    const added: IpAddress = { family, value: found.value };
    const all = [...held.map(({ address }) => address), added];
    return this.#take(claimant, { pool, addresses: all }, [added], { trace: [], open: [] });
  }

  release(service: string): readonly Opening[] {
    return this.#ledger.release(service);
  }

  /** What the Service holds now, in the order of its status. The list changes with what it holds: copy it to keep it. */
  holdingOf(service: string): readonly HeldPart[] {
    return this.#ledger.holdings.get(service)?.addresses ?? nothing;
  }

  addressesOf(service: string): readonly IpAddress[] {
    return this.holdingOf(service).map(({ address }) => address);
  }

  holdersOf(address: IpAddress): HeldAddress | undefined {
    const held = this.#ledger.heldAt(address);
    return held && publicHeld(held);
  }

  /** Held addresses of a pool, ascending, also of one that was rejected or is being removed. */
  heldIn(poolName: string): HeldAddress[] {
    const blocks = this.#pools.get(poolName)?.blocks ?? [];
    const orphans = [...this.#ledger.orphans.values()].filter(({ pool }) => pool === poolName);
    return [...blocks.flatMap((block) => [...block.held.values()]), ...orphans]
      .sort((a, b) => compareAddress(a.address, b.address))
      .map(publicHeld);
  }

  /** One entry per pool, in the order in which they are asked. */
  poolUses(): PoolUse[] {
    return [...this.#order.pinned, ...this.#order.unpinned].map((pool) => pool.use());
  }

  poolUse(poolName: string): PoolUse | undefined {
    return this.#pools.get(poolName)?.use();
  }

  /** At most `cellsMax` cells, one per range at least; `cellSize` is the largest number of addresses in a cell. */
  cells(poolName: string, cellsMax: number): { cellSize: bigint; cells: AddressCell[] } {
    return addressMap(this.#pools.get(poolName)?.blocks ?? [], cellsMax);
  }

  #take(
    claimant: Claimant,
    { pool, addresses }: Choice,
    added: readonly IpAddress[],
    { trace }: Search,
  ): Allocation {
    const { service, sharing } = claimant;
    const openings = this.#ledger.assign(service, sharing, addresses);
    const { name } = pool.pool;
    // An address that is shared has room for others who use the same key.
    if (sharing.key !== "") openings.push(...added.map((address) => ({ address, pool: name })));
    trace.push(pool.step("chosen", "pool.chosen"));
    return { addresses, pool: name, trace, openings };
  }

  #named(name: string): PoolState[] {
    const pool = this.#pools.get(name);
    return pool ? [pool] : [];
  }

  #unknownPool(name: string): Reason {
    if (this.#heldPools.has(name)) return reason("pool.held", { pool: name });
    return reason("pool.unknown", { pool: name, known: [...this.#pools.keys()].sort().join(", ") || "none" });
  }

  #outsidePools(address: IpAddress): Reason {
    const ranges = describeRanges([...this.#pools.values()].map(({ pool }) => pool)) || "none";
    return reason("address.outside-pools", { address: formatAddress(address), ranges });
  }

  #refusalAt(address: IpAddress, claimant: Claimant, orphanPool: string): Reason | undefined {
    const block = this.#ledger.blockOf(address);
    const held = this.#ledger.heldAt(address);
    if (!block) {
      if (!this.#heldPools.has(held?.pool ?? orphanPool)) return this.#outsidePools(address);
    } else {
      if (block.avoids(address.value)) {
        return reason("address.buggy", { address: formatAddress(address), pool: block.pool.pool.name });
      }
      const refusal = block.pool.refusal(claimant);
      if (refusal) return refusal.why;
    }
    return held && sharingRefusal(held, claimant);
  }
}

const nothing: readonly HeldPart[] = [];

function publicHeld({ address, pool, holdings }: Held): HeldAddress {
  return { address, pool, services: holdings.map(({ service }) => service) };
}
