/**
 * Pools and who holds their addresses: selection, families, sharing, and why an address was refused.
 *
 * An {@link Allocator} gives the lowest free address of the first pool that serves a Service, in O(log n) at any size
 * of pool. It never takes an address away by itself: only `release`, and `setPools` where no pool has the address.
 *
 * What a pool's annotations say beyond MetalLB (`#core/config` PoolPolicy) is kept here, too: exclusions and the quota in
 * the search itself, reservations and cool-downs as addresses that only their own Service is offered. Time is an
 * argument: `advance(now)`, due at `nextDeadline()`. A pool without such annotations pays nothing for them.
 *
 * ```ts
 * const allocator = new Allocator();
 * allocator.setPools(config.pools);
 * allocator.adopt(claimant, addressesOfItsStatus);                 // after a restart, before anything is given
 * const result = allocator.allocate(claimant, { primary: "ipv4", bothRequired: false });
 * if ("why" in result) reasonText(result.why);                     // else result.addresses, result.pool
 * allocator.release("shop/web");                                   // says which addresses opened
 * ```
 */
export { Allocator } from "./allocator.ts";
export { familyNames } from "./family_names.ts";
export { notShared } from "./sharing.ts";
export type * from "./types.ts";
