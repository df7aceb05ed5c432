import type { Pool } from "#core/config/mod.ts";
import type { Family, IpAddress } from "#core/net/mod.ts";

/** How many addresses a pool has and how many are held, per family; a shared address counts once. */
export interface PoolUse {
  readonly pool: Pool;
  readonly total: Readonly<Record<Family, bigint>>;
  readonly used: Readonly<Record<Family, bigint>>;
  /** Services that hold at least one address of the pool. */
  readonly services: number;
}

/** One address that somebody holds. */
export interface HeldAddress {
  readonly address: IpAddress;
  readonly pool: string;
  /** `namespace/name`, in the order in which they came. */
  readonly services: readonly string[];
}

/** A run of addresses for the map of a pool. */
export interface AddressCell {
  readonly first: IpAddress;
  readonly last: IpAddress;
  readonly size: bigint;
  readonly used: number;
  readonly state: "free" | "used" | "shared" | "avoided";
  /** The only holder, where the cell is a single address with one. */
  readonly holder?: string;
}
