/** Services: what they hold, what they default to, and what a real server refuses. */
export { ServiceAllocator } from "./allocator.ts";
export { holdingsOf, type ServicePort, type ServiceSpec } from "./fields.ts";
export { serviceStrategy } from "./strategy.ts";
