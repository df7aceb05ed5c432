import { holdingsOf, type ServiceAllocator } from "../kinds/mod.ts";
import type { ApiContext } from "../operations/mod.ts";

/** Keeps the book of clusterIPs and node ports equal to what the stored Services say. */
export function runServiceAllocation({ store }: ApiContext, allocator: ServiceAllocator): void {
  store.collection("services").subscribe({}, ({ type, before, after }) => {
    if (before !== undefined) allocator.release(holdingsOf(before.object));
    if (type !== "DELETED") allocator.take(holdingsOf(after.object));
  });
}
