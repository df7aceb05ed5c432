import { compareAddress, type Family } from "#core/net/mod.ts";
import type { Held } from "./holding.ts";
import type { Ledger } from "./ledger.ts";
import type { PoolState } from "./pool_state.ts";
import type { HeldAddress, PoolUse } from "./types.ts";

/** What pools and their holders look like from outside; computed when it is asked for. */
export function poolUses(states: readonly PoolState[], ledger: Ledger): PoolUse[] {
  const outside = new Map<string, Record<Family, number>>();
  for (const { pool, address } of ledger.orphans.values()) {
    const own = outside.get(pool) ?? { ipv4: 0, ipv6: 0 };
    own[address.family]++;
    outside.set(pool, own);
  }
  return states.map((state) => {
    const use = state.use();
    const more = outside.get(state.pool.name);
    if (!more) return use;
    return { ...use, kept: { ipv4: use.kept.ipv4 + more.ipv4, ipv6: use.kept.ipv6 + more.ipv6 } };
  });
}

export function heldIn(pool: string, state: PoolState | undefined, ledger: Ledger): HeldAddress[] {
  const inside = (state?.blocks ?? []).flatMap((block) => [...block.held.values()]);
  const outside = [...ledger.orphans.values()].filter((held) => held.pool === pool);
  return [...inside, ...outside].sort((a, b) => compareAddress(a.address, b.address)).map(publicHeld);
}

export function publicHeld({ address, pool, block, holdings }: Held): HeldAddress {
  const services = holdings.map(({ service }) => service);
  if (!block) return { address, pool, services, kept: "outside" };
  return { address, pool, services, ...(block.excludes(address.value) && { kept: "excluded" }) };
}
