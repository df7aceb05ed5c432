import type { IpAddress } from "#core/net/mod.ts";
import type { AddressCell, HeldAddress, PoolUse } from "./types.ts";

/** Signatures of the queries, so that drivers can be written against them; the body follows. */
export declare class Allocator {
  /** One entry per pool, in the order of preference. */
  poolUses(): PoolUse[];
  poolUse(pool: string): PoolUse | undefined;
  /** Held addresses of a pool, ascending. */
  heldIn(pool: string): HeldAddress[];
  holdersOf(address: IpAddress): HeldAddress | undefined;
  addressesOf(service: string): readonly IpAddress[];
  /** At most `cellsMax` cells; a cell stands for `cellSize` addresses. */
  cells(pool: string, cellsMax: number): { cellSize: bigint; cells: AddressCell[] };
}
