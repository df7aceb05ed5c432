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

interface Selection {
  readonly pools: ReadonlySet<string>;
  readonly ipAddressPools?: readonly string[];
  readonly ipAddressPoolSelectors?: readonly unknown[];
  readonly serviceSelectors: Parameters<typeof matchesAnySelector>[0];
}

/** The advertisements of the Service's pool that select the Service; where all do, the list that was given. */
export function matchingAdvertisements<Advertisement extends Selection>(
  service: AnnouncedService,
  advertisements: readonly Advertisement[],
): readonly Advertisement[] {
  const matching = advertisements.filter(
    (advertisement) =>
      covers(advertisement, service.pool) &&
      matchesAnySelector(advertisement.serviceSelectors, service.view.labels),
  );
  return matching.length === advertisements.length ? advertisements : matching;
}

/**
 * Whether the advertisement covers the pool, also one that exists no more while its Services are kept: by its name, or
 * by covering every pool. By labels such a pool cannot be found, for they went with it.
 */
function covers({ pools, ipAddressPools, ipAddressPoolSelectors }: Selection, pool: string): boolean {
  if (pools.has(pool)) return true;
  if (ipAddressPools) return ipAddressPools.includes(pool);
  return ipAddressPoolSelectors === undefined;
}
