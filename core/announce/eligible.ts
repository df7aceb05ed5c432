import { matchesAnySelector } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { AnnouncedService, NodeFacts } from "./types.ts";

const excludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** Why the node may announce nothing at all, whatever the Service; undefined when it may. */
export function nodeBarrier(node: NodeFacts, ignoreExcludeLabel: boolean): Reason | undefined {
  if (node.networkUnavailable) return reason("announce.node-network-unavailable", { node: node.name });
  if (!ignoreExcludeLabel && excludeLabel in node.labels) {
    return reason("announce.node-excluded", { node: node.name });
  }
  return undefined;
}

/** Some endpoint can serve; `terminating` is not asked, as in MetalLB. */
export function hasEndpoint(service: AnnouncedService): boolean {
  return service.endpoints.some((endpoint) => endpoint.canServe && endpoint.addresses.length > 0);
}

export function hasEndpointOn(service: AnnouncedService, node: string): boolean {
  return service.endpoints.some(
    (endpoint) => endpoint.canServe && endpoint.nodeName === node && endpoint.addresses.length > 0,
  );
}

/** The advertisements of the Service's pool that select the Service. */
export function matchingAdvertisements<
  Advertisement extends {
    readonly pools: ReadonlySet<string>;
    readonly serviceSelectors: Parameters<typeof matchesAnySelector>[0];
  },
>(service: AnnouncedService, advertisements: readonly Advertisement[]): Advertisement[] {
  return advertisements.filter(
    (advertisement) =>
      advertisement.pools.has(service.pool) &&
      matchesAnySelector(advertisement.serviceSelectors, service.view.labels),
  );
}
