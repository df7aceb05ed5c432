import { sha256 } from "#core/bytes/mod.ts";
import { type L2Advertisement, matchesAnySelector, matchesSelector } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { hasEndpoint, hasEndpointOn, matchingAdvertisements, nodeBarrier } from "./eligible.ts";
import type { AnnouncedService, Cluster, Layer2Election, NodeFacts, RankedNode } from "./types.ts";

/**
 * Elects the one node that answers for an address group: Services tied together by a shared address, and addresses
 * tied together by a Service. All facts of all its Services are combined, so that an address never has two winners.
 * The order is MetalLB's: preference score, then sha256(node + "#" + address) over the group's first address.
 *
 * Every speaker computes this from the same facts and names the same winner; nothing is agreed over the network.
 */
export function electLayer2(
  services: readonly AnnouncedService[],
  firstAddress: string,
  advertisements: readonly L2Advertisement[],
  cluster: Cluster,
): Layer2Election {
  const served = services.filter(hasEndpoint);
  if (served.length === 0) return nobody(reason("announce.no-endpoints"), cluster);
  const perService = served.map((service) => ({
    service,
    ads: matchingAdvertisements(service, advertisements),
  }));
  const bare = perService.find(({ ads }) => ads.length === 0);
  if (bare) {
    return nobody(
      reason("announce.no-advertisement", { protocol: "layer 2", pool: bare.service.pool }),
      cluster,
    );
  }

  const barriers = new Map<string, Reason>();
  const eligible: { node: NodeFacts; score: number; hash: Uint8Array }[] = [];
  for (const node of cluster.nodes) {
    const barrier = nodeBarrier(node, cluster.ignoreExcludeLabel) ?? serviceBarrier(node, perService);
    if (barrier) barriers.set(node.name, barrier);
    else eligible.push({ node, score: score(node, perService), hash: electionHash(node.name, firstAddress) });
  }
  eligible.sort((a, b) => b.score - a.score || compareBytes(a.hash, b.hash));

  const winner = eligible[0]?.node.name;
  if (winner === undefined)
    return { ...nobody(reason("announce.no-candidate"), cluster), ranking: unranked(barriers) };
  const ranking = eligible.map(
    ({ node }, index): RankedNode => ({
      node: node.name,
      rank: index + 1,
      why:
        index === 0
          ? reason("announce.won", { node: node.name, count: eligible.length })
          : reason("announce.lost", { node: node.name, winner }),
    }),
  );
  return {
    winner,
    interfaces: interfacesOn(winner, perService, cluster),
    ranking: [...ranking, ...unranked(barriers)],
  };
}

type Matched = readonly { service: AnnouncedService; ads: readonly L2Advertisement[] }[];

function serviceBarrier(node: NodeFacts, perService: Matched): Reason | undefined {
  for (const { service, ads } of perService) {
    if (!ads.some((ad) => matchesAnySelector(ad.nodeSelectors, node.labels))) {
      return reason("announce.node-not-selected", { node: node.name });
    }
    if (service.view.externalTrafficPolicy === "Local" && !hasEndpointOn(service, node.name)) {
      return reason("announce.no-local-endpoints", { node: node.name });
    }
  }
  if (!node.hasSpeaker) return reason("announce.speaker-absent", { node: node.name });
  return undefined;
}

/** Sum of the preferred weights of the advertisements that select the node; each advertisement counts once. */
function score(node: NodeFacts, perService: Matched): number {
  let sum = 0;
  for (const ad of new Set(perService.flatMap(({ ads }) => ads))) {
    if (!matchesAnySelector(ad.nodeSelectors, node.labels)) continue;
    for (const { weight, preference } of ad.preferredNodeSelectors) {
      if (matchesSelector(preference, node.labels)) sum += weight;
    }
  }
  return sum;
}

/** MetalLB hashes the ASCII text `node#address` and compares the digests as bytes. */
function electionHash(node: string, address: string): Uint8Array {
  return sha256(new TextEncoder().encode(`${node}#${address}`));
}

/** Whether the first node comes before the second in the order over the address, their scores being equal. */
export function comesBefore(first: string, second: string, address: string): boolean {
  return compareBytes(electionHash(first, address), electionHash(second, address)) < 0;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Union over the advertisements that include the node; one without interfaces means every interface. */
function interfacesOn(winner: string, perService: Matched, cluster: Cluster): string[] {
  const labels = cluster.nodes.find((node) => node.name === winner)?.labels ?? {};
  const names = new Set<string>();
  for (const ad of perService.flatMap(({ ads }) => ads)) {
    if (!matchesAnySelector(ad.nodeSelectors, labels)) continue;
    if (ad.interfaces.length === 0) return [];
    for (const name of ad.interfaces) names.add(name);
  }
  return [...names].sort();
}

function nobody(blocked: Reason, cluster: Cluster): Layer2Election {
  return {
    interfaces: [],
    blocked,
    ranking: cluster.nodes.map((node) => ({ node: node.name, rank: 0, why: blocked })),
  };
}

function unranked(barriers: ReadonlyMap<string, Reason>): RankedNode[] {
  return [...barriers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([node, why]) => ({ node, rank: 0, why }));
}
