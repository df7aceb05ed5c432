import { type L2Advertisement, matchesAnySelector, matchesSelector } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { nodeBarrier } from "./eligible.ts";
import { areExtrasInForce, handicapOf } from "./standing.ts";
import type { AnnouncedService, Cluster, NodeFacts } from "./types.ts";

/** A Service that can be served, with the advertisements that select it. */
export interface Matched {
  readonly service: AnnouncedService;
  readonly ads: readonly L2Advertisement[];
}

/** The nodes at a moment, as every election of that moment sees them. */
export interface View extends Cluster {
  readonly nowMs: number;
  readonly areExtrasInForce: boolean;
}

export function viewOf(cluster: Cluster, nowMs: number): View {
  return { ...cluster, nowMs, areExtrasInForce: areExtrasInForce(cluster.nodes) };
}

/** A node that may announce under a set of advertisements, with what does not depend on the address. */
export interface Candidate {
  readonly node: NodeFacts;
  /** Sum of the preferred weights. */
  readonly score: number;
  /** Of {@link handicaps}; 0 while extras are not in force. */
  readonly handicap: number;
}

/** The candidates under a set of advertisements; groups with the same advertisements share it. */
export interface Field {
  readonly candidates: readonly Candidate[];
  readonly byName: ReadonlyMap<string, Candidate>;
}

export function fieldOf(matched: readonly Matched[], view: View): Field {
  const ads = [...new Set(matched.flatMap((each) => each.ads))];
  const candidates = view.nodes
    .filter((node) => !nodeBarrierOf(node, matched, view) && node.hasSpeaker)
    .map((node) => ({
      node,
      score: score(node, ads),
      handicap: view.areExtrasInForce ? handicapOf(node, interfacesOn(node, ads), view.nowMs) : 0,
    }));
  return { candidates, byName: new Map(candidates.map((each) => [each.node.name, each])) };
}

/** Groups of the same key have the same field. */
export function fieldKey(matched: readonly Matched[]): string {
  return matched.map(({ ads }) => ads.map(({ name }) => name).join(",")).join("|");
}

/** Why the node may not announce under these advertisements, whichever Service it is. */
export function nodeBarrierOf(
  node: NodeFacts,
  matched: readonly Matched[],
  { ignoreExcludeLabel }: Cluster,
): Reason | undefined {
  const barrier = nodeBarrier(node, ignoreExcludeLabel);
  if (barrier) return barrier;
  const isSelected = ({ ads }: Matched) =>
    ads.some((ad) => matchesAnySelector(ad.nodeSelectors, node.labels));
  return matched.every(isSelected) ? undefined : reason("announce.node-not-selected", { node: node.name });
}

const everyInterface: readonly string[] = [];

/** Union over the advertisements that include the node; one without interfaces means every interface. */
export function interfacesOn(
  node: Pick<NodeFacts, "labels">,
  ads: Iterable<L2Advertisement>,
): readonly string[] {
  const names = new Set<string>();
  for (const ad of ads) {
    if (!matchesAnySelector(ad.nodeSelectors, node.labels)) continue;
    if (ad.interfaces.length === 0) return everyInterface;
    for (const name of ad.interfaces) names.add(name);
  }
  return names.size === 0 ? everyInterface : [...names].sort();
}

/** Sum of the preferred weights of the advertisements that select the node; each advertisement counts once. */
function score(node: NodeFacts, ads: readonly L2Advertisement[]): number {
  let sum = 0;
  for (const ad of ads) {
    if (ad.preferredNodeSelectors.length === 0 || !matchesAnySelector(ad.nodeSelectors, node.labels))
      continue;
    for (const { weight, preference } of ad.preferredNodeSelectors) {
      if (matchesSelector(preference, node.labels)) sum += weight;
    }
  }
  return sum;
}
