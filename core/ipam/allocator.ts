import { assert } from "#core/bytes/mod.ts";
import type { Pool, Reservation } from "#core/config/mod.ts";
import { type Family, formatAddress, type IpAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { addressMap } from "./address_map.ts";
import { CoolDown } from "./cool_down.ts";
import { Ledger } from "./ledger.ts";
import { ownAddresses } from "./own_addresses.ts";
import { replacePools } from "./pool_change.ts";
import { heldIn, poolUses, publicHeld } from "./pool_report.ts";
import type { PoolState } from "./pool_state.ts";
import { refusalOfNew } from "./refusal_of_new.ts";
import { Reservations } from "./reservations.ts";
import { type Choice, choose, describeRanges, inOrder, lowestOf, type Search, whyNone } from "./selection.ts";
import { sharingRefusal } from "./sharing.ts";
import type {
  AddressCell,
  Adoption,
  Allocation,
  Claimant,
  FamilyDemand,
  Grace,
  HeldAddress,
  HeldPart,
  Opening,
  PoolChange,
  PoolUse,
  Refusal,
} from "./types.ts";

/** Gives addresses to Services. Deterministic; every method says what changed, and every refusal says why. */
export class Allocator {
  readonly #coolDown = new CoolDown();
  readonly #ledger = new Ledger(this.#coolDown);
  readonly #reservations = new Reservations(this.#ledger, this.#coolDown);
  readonly #pools = new Map<string, PoolState>();
  #order: { pinned: PoolState[]; unpinned: PoolState[] } = { pinned: [], unpinned: [] };
  #heldPools: ReadonlySet<string> = new Set();
  /** Pools that are gone, and whose last version said that holders keep their addresses. */
  readonly #keptPools = new Set<string>();

  /**
   * Replaces the pools, which must not overlap. Whoever holds an address that still lies in some pool keeps it;
   * `heldPools` names pools that are not listed and whose holders keep their addresses nonetheless.
   */
  setPools(pools: readonly Pool[], heldPools: ReadonlySet<string> = new Set()): PoolChange {
    for (const [name, { pool }] of this.#pools)
      if (pool.policy?.onRemoval === "keep") this.#keptPools.add(name);
    for (const { name } of pools) this.#keptPools.delete(name);
    const now = new Map(pools.map((pool) => [pool.name, pool]));
    const keeps = (name: string) =>
      heldPools.has(name) || this.#keptPools.has(name) || now.get(name)?.policy?.onRemoval === "keep";
    const change = replacePools(this.#pools, this.#ledger, pools, keeps);
    const changed = change.changed || this.#heldPools.symmetricDifference(heldPools).size > 0;
    this.#heldPools = heldPools;
    this.#order = inOrder(this.#pools.values());
    if (!change.changed) return { ...change, changed };
    this.#coolDown.rehome((family, value) => this.#ledger.blockOf({ family, value }));
    const touched = new Set([...change.touched, ...this.#reservations.declare(pools)]);
    return { ...change, touched, changed };
  }

  /** What a Service of this pool holds stays its own when the pool is gone: its annotation says so after a restart. */
  keepRemoved(pool: string): void {
    if (!this.#pools.has(pool)) this.#keptPools.add(pool);
  }

  /** True where the pool says, or said last, that holders keep what leaves it (`metallb.io/on-removal: keep`). */
  outlives(pool: string): boolean {
    return this.#keptPools.has(pool) || this.#pools.get(pool)?.pool.policy?.onRemoval === "keep";
  }

  /** What the Service asked to be kept for it by name; no addresses: nothing any more. */
  record(reservation: Reservation): Opening[] {
    return this.#reservations.record(reservation);
  }

  /** It is this late now, in epoch milliseconds: ends the cool-downs that are over. */
  advance(now: number): Opening[] {
    return this.#coolDown
      .advance(now)
      .map(({ family, value, pool }) => ({ address: { family, value }, pool: pool.pool.name }));
  }

  nextDeadline(): number | undefined {
    return this.#coolDown.nextDeadline();
  }

  /** Why a holder has what it would not be given now: excluded, reserved for others, or in no pool. */
  grace({ address, pool }: HeldPart, service: string): Grace | undefined {
    const block = this.#ledger.blockOf(address);
    if (!block) return this.outlives(pool) ? "removed" : "pool-held";
    if (block.excludes(address.value)) return "excluded";
    const owners = block.reserved.size > 0 ? block.reserved.get(address.value) : undefined;
    return owners && !owners.includes(service) ? "reserved" : undefined;
  }

  /** For whom an address is kept. */
  reservedFor(address: IpAddress): readonly string[] {
    return this.#ledger.blockOf(address)?.reserved.get(address.value) ?? [];
  }

  /** On what the fate of this claimant depends beside what it asks for, so that it may differ from others'. */
  distinction({ service, namespace }: Claimant): string {
    const isKnown = this.#reservations.of(service).length > 0 || this.#coolDown.of(service) !== undefined;
    if (isKnown) return service;
    return this.#pools.values().some((pool) => pool.hasQuota) ? namespace : "";
  }

  get hasPools(): boolean {
    return this.#pools.size > 0;
  }
  /** True: no pool can give an address, and none is held for its Services. */
  get isIdle(): boolean {
    return this.#pools.size === 0 && this.#heldPools.size === 0 && this.#keptPools.size === 0;
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
    const own = ownAddresses(claimant, this.#ledger, this.#reservations, this.#coolDown, poolName);
    if (own.size > 0) {
      const search: Search = { trace: [], open: [] };
      const choice = choose([...own.keys()], "by name", claimant, families, search, own);
      if (choice) return this.#take(claimant, choice, choice.addresses, search);
    }
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
      const why = this.#refusalAt(address, claimant, "") ?? refusalOfNew(address, claimant, this.#ledger);
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
    const isNew = (address: IpAddress) =>
      !pool.namespaceHolds(claimant.namespace, this.#ledger.heldAt(address));
    if (addresses.filter(isNew).length > pool.room(claimant.namespace)) {
      const { why } = pool.overQuota(claimant.namespace);
      return { why, trace: [], waitsFor: { ...waitsFor, pools: [pool.pool.name] } };
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
    const own = ownAddresses(claimant, this.#ledger, this.#reservations, this.#coolDown, first?.pool);
    const found = lowestOf(pool, family, claimant, 0, own.get(pool));
    if (!found) return refuse(pool.lack(family, claimant).why);
    const added = found.address;
    const all = [...held.map(({ address }) => address), added];
    return this.#take(claimant, { pool, addresses: all }, [added], { trace: [], open: [] });
  }

  /** What it held cools down where its pool says so, unless `cools` is false. */
  release(service: string, cools = true): readonly Opening[] {
    return this.#ledger.release(service, cools);
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

  /** Held addresses of a pool, ascending, also of one that was rejected or is gone. */
  heldIn(poolName: string): HeldAddress[] {
    return heldIn(poolName, this.#pools.get(poolName), this.#ledger);
  }

  /** One entry per pool, in the order in which they are asked. */
  poolUses(): PoolUse[] {
    return poolUses([...this.#order.pinned, ...this.#order.unpinned], this.#ledger);
  }

  poolUse(poolName: string): PoolUse | undefined {
    const state = this.#pools.get(poolName);
    return state && poolUses([state], this.#ledger)[0];
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

  /** It is in no pool, or in one that avoids it. */
  #outsidePools(address: IpAddress): Reason {
    const avoiding = this.#ledger.rangeOf(address)?.pool.pool.name;
    if (avoiding !== undefined)
      return reason("address.buggy", { address: formatAddress(address), pool: avoiding });
    const ranges = describeRanges([...this.#pools.values()].map(({ pool }) => pool)) || "none";
    return reason("address.outside-pools", { address: formatAddress(address), ranges });
  }

  #refusalAt(address: IpAddress, claimant: Claimant, orphanPool: string): Reason | undefined {
    const block = this.#ledger.blockOf(address);
    const held = this.#ledger.heldAt(address);
    if (!block) {
      const pool = held?.pool ?? orphanPool;
      if (!this.#heldPools.has(pool) && !this.outlives(pool)) return this.#outsidePools(address);
    } else {
      const refusal = block.pool.refusal(claimant);
      if (refusal) return refusal.why;
    }
    return held && sharingRefusal(held, claimant);
  }
}

const nothing: readonly HeldPart[] = [];
