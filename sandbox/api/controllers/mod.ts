/**
 * What a real cluster's controller manager does for the API itself. Each listens to the store and acts in the same turn,
 * so a client that is answered meets the result.
 */
export { runClusterRoleAggregation } from "./cluster_role_aggregation.ts";
export { runCustomResources } from "./custom_resources.ts";
export { runEventExpiry } from "./event_expiry.ts";
export { runGarbageCollector } from "./garbage_collector.ts";
export { runNamespaces } from "./namespaces.ts";
export { runServiceAllocation } from "./service_allocation.ts";
