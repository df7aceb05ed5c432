import { type BgpAdvertisement, matchesAnySelector } from "#core/config/mod.ts";
import { maskAddress, parseAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { hasEndpoint, hasEndpointOn, matchingAdvertisements, nodeBarrier } from "./eligible.ts";
import type { AnnouncedService, BgpAnnouncement, BgpRoute, NodeFacts } from "./types.ts";

/**
 * The routes that this node announces for a Service: one per address and matching advertisement, or the reason why
 * there are none. The order of the checks is MetalLB's, so that the reasons agree.
 */
export function announceBgp(
  service: AnnouncedService,
  advertisements: readonly BgpAdvertisement[],
  node: NodeFacts,
  ignoreExcludeLabel: boolean,
): BgpAnnouncement {
  const ads = matchingAdvertisements(service, advertisements);
  const here = ads.filter((ad) => matchesAnySelector(ad.nodeSelectors, node.labels));
  const blocked =
    advertisementBarrier(service, ads.length, here.length, node) ??
    nodeBarrier(node, ignoreExcludeLabel) ??
    endpointBarrier(service, node);
  if (blocked) return { routes: [], blocked };
  return { routes: here.flatMap((ad) => routesOf(service, ad)) };
}

function advertisementBarrier(
  service: AnnouncedService,
  matching: number,
  here: number,
  node: NodeFacts,
): Reason | undefined {
  if (matching === 0) return reason("announce.no-advertisement", { protocol: "BGP", pool: service.pool });
  if (here === 0) return reason("announce.node-not-selected", { node: node.name });
  return undefined;
}

function endpointBarrier(service: AnnouncedService, node: NodeFacts): Reason | undefined {
  if (!hasEndpoint(service)) return reason("announce.no-endpoints");
  if (service.view.externalTrafficPolicy === "Local" && !hasEndpointOn(service, node.name)) {
    return reason("announce.no-local-endpoints", { node: node.name });
  }
  return undefined;
}

function routesOf(service: AnnouncedService, ad: BgpAdvertisement): BgpRoute[] {
  const routes: BgpRoute[] = [];
  for (const text of service.view.ingress) {
    const address = parseAddress(text);
    if (!address) continue;
    const length = address.family === "ipv4" ? ad.aggregationLength : ad.aggregationLengthV6;
    routes.push({
      prefix: maskAddress(address, length),
      advertisement: ad.name,
      peers: ad.peers,
      communities: ad.communities,
      ...(ad.localPref === undefined ? {} : { localPref: ad.localPref }),
    });
  }
  return routes;
}
