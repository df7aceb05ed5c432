/** Pools, free addresses, sharing, families and selection. */
export { Allocator } from "./allocator.ts";
export type * from "./types.ts";
