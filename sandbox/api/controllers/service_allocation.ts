import { holdingsOf, type ServiceAllocator } from "../kinds/mod.ts";
import type { ApiContext } from "../operations/mod.ts";

/** Keeps the book of clusterIPs and node ports equal to what the stored Services say. */
export function runServiceAllocation({ store }: ApiContext, allocator: ServiceAllocator): void {
  const services = store.collection("services");
  for (const { object } of services.list()) allocator.take(holdingsOf(object));
  services.subscribe({}, ({ type, before, after }) => {
    if (before !== undefined) allocator.release(holdingsOf(before.object));
    if (type !== "DELETED") allocator.take(holdingsOf(after.object));
  });
}
