import type { IpAddress } from "#core/net/mod.ts";
import type { CoolDown } from "./cool_down.ts";
import type { Ledger } from "./ledger.ts";
import type { PoolState } from "./pool_state.ts";
import type { Reservations } from "./reservations.ts";
import { sharingRefusal } from "./sharing.ts";
import type { Claimant } from "./types.ts";

export type OwnAddresses = ReadonlyMap<PoolState, readonly IpAddress[]>;

export const noOwn: OwnAddresses = new Map();

/**
 * What a Service comes back to, where it can have it now: addresses reserved for it, whatever autoAssign says, and
 * addresses that it gave back and that cool down. Most have none, which costs two look-ups.
 */
export function ownAddresses(
  claimant: Claimant,
  ledger: Ledger,
  reservations: Reservations,
  coolDown: CoolDown,
  poolName: string | undefined,
): OwnAddresses {
  const reserved = reservations.of(claimant.service);
  const cooling = coolDown.of(claimant.service);
  if (reserved.length === 0 && !cooling) return noOwn;
  const own = new Map<PoolState, IpAddress[]>();
  const add = (address: IpAddress, isReserved: boolean) => {
    const block = ledger.blockOf(address);
    if (!block || block.excludes(address.value)) return;
    if (isReserved && !block.reserved.get(address.value)?.includes(claimant.service)) return;
    const { pool } = block;
    const held = block.held.get(address.value);
    if (poolName !== undefined && pool.pool.name !== poolName) return;
    if (!isReserved && poolName === undefined && !pool.pool.autoAssign) return;
    if ((held && sharingRefusal(held, claimant)) || pool.refusal(claimant)) return;
    own.set(pool, [...(own.get(pool) ?? []), address]);
  };
  for (const address of reserved) add(address, true);
  for (const { family, value } of cooling ?? []) add({ family, value }, false);
  return own;
}
