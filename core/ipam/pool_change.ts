import type { Pool, PoolPolicy } from "#core/config/mod.ts";
import { type AddressRange, type IpAddress, sameAddress } from "#core/net/mod.ts";
import { AddressBlock } from "./address_block.ts";
import type { Held } from "./holding.ts";
import type { Ledger } from "./ledger.ts";
import { PoolState } from "./pool_state.ts";
import type { PoolChange } from "./types.ts";

/**
 * Makes `states` what `pools` declares. A range that stays keeps its block, so an edit costs what it changes; only
 * addresses of blocks that vanish are looked for elsewhere, and freed where no pool has them.
 */
export function replacePools(
  states: Map<string, PoolState>,
  ledger: Ledger,
  pools: readonly Pool[],
  keeps: (pool: string) => boolean,
): PoolChange {
  const touched = new Set<string>();
  const vanished: AddressBlock[] = [];
  const declared = new Set(pools.map(({ name }) => name));
  for (const [name, state] of states) {
    if (declared.has(name)) continue;
    vanished.push(...state.blocks);
    states.delete(name);
  }
  let changed = vanished.length > 0;
  for (const pool of pools) {
    const state = states.get(pool.name) ?? new PoolState(pool);
    const isSame = states.has(pool.name) && samePool(state.pool, pool);
    const looksTheSame =
      sameAllocation(state.pool, pool) && state.pool.policy?.onRemoval === pool.policy?.onRemoval;
    states.set(pool.name, state);
    state.pool = pool;
    if (isSame) continue;
    changed = true;
    const before = state.blocks;
    const blocks = pool.ranges.map(
      (range) =>
        before.find((block) => sameRange(block.range, range) && block.avoidsBuggy === pool.avoidBuggyIPs) ??
        new AddressBlock(state, range, pool.avoidBuggyIPs),
    );
    const isRecut = blocks.length !== before.length || blocks.some((block, at) => block !== before[at]);
    if (isRecut) state.blocks = blocks;
    addHolders(touched, state.applyPolicy());
    for (const block of before) {
      if (!state.blocks.includes(block)) vanished.push(block);
      if (!looksTheSame) addHolders(touched, block.held.values());
    }
  }
  ledger.setBlocks([...states.values()].flatMap((state) => state.blocks));
  const left = rehome(ledger, vanished, keeps, touched);
  return { left, touched, changed };
}

function rehome(
  ledger: Ledger,
  vanished: readonly AddressBlock[],
  keeps: (pool: string) => boolean,
  touched: Set<string>,
): Map<string, IpAddress[]> {
  const left = new Map<string, IpAddress[]>();
  const homeless = [...vanished.flatMap((block) => [...block.held.values()]), ...ledger.orphans.values()];
  for (const held of homeless) {
    const block = ledger.blockOf(held.address);
    if (!block && !held.block && keeps(held.pool)) continue;
    if (held.pool !== block?.pool.pool.name || !held.block) addHolders(touched, [held]);
    // The old block is gone: from here on the address lies in the new one, or in none.
    ledger.move(held, block);
    if (block || keeps(held.pool)) continue;
    for (const { service, sharing } of [...held.holdings]) {
      const rest = ledger.holdings.get(service)?.addresses.filter((other) => other !== held) ?? [];
      ledger.assign(
        service,
        sharing,
        rest.map(({ address }) => address),
      );
      left.set(service, [...(left.get(service) ?? []), held.address]);
    }
  }
  return left;
}

function addHolders(services: Set<string>, all: Iterable<Held>): void {
  for (const { holdings } of all) for (const { service } of holdings) services.add(service);
}

function samePool(a: Pool, b: Pool): boolean {
  return (
    a.autoAssign === b.autoAssign &&
    a.avoidBuggyIPs === b.avoidBuggyIPs &&
    a.ranges.length === b.ranges.length &&
    a.ranges.every((range, at) => sameRange(range, b.ranges[at] as AddressRange)) &&
    sameAllocation(a, b) &&
    samePolicy(a.policy, b.policy)
  );
}

/** What was recorded for Services is told by who recorded it. */
function samePolicy(a: PoolPolicy | undefined, b: PoolPolicy | undefined): boolean {
  return a === b || policyText(a) === policyText(b);
}

function policyText(policy: PoolPolicy | undefined): string {
  return JSON.stringify({ ...policy, recorded: [] }, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}` : value,
  );
}

function sameAllocation(a: Pool, b: Pool): boolean {
  return JSON.stringify(a.serviceAllocation) === JSON.stringify(b.serviceAllocation);
}

function sameRange(a: AddressRange, b: AddressRange): boolean {
  return sameAddress(a.first, b.first) && sameAddress(a.last, b.last);
}
