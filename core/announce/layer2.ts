import type { L2Advertisement } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { type Contest, contestOf, type Standing } from "./contest.ts";
import { fieldOf, interfacesOn, type View, viewOf } from "./field.ts";
import type { AnnouncedService, Cluster, GroupFacts, Layer2Election, RankedNode } from "./types.ts";
import { whyLost, whyWon } from "./why.ts";

/**
 * Elects the one node that answers for an address group, with the place of every node and the reason for it: for the
 * console, `explain` and the command line. A speaker finds its own place with less work, and the same winner.
 *
 * The order is MetalLB's: preference score, then sha256(node + "#" + address) over the group's first address. Every
 * speaker computes it from the same facts and names the same winner; nothing is agreed over the network. While every
 * live speaker describes itself, what else was asked for comes before that order.
 */
export function electLayer2(
  services: readonly AnnouncedService[],
  firstAddress: string,
  advertisements: readonly L2Advertisement[],
  cluster: Cluster,
  facts: GroupFacts = {},
  nowMs = Number.POSITIVE_INFINITY,
): Layer2Election {
  const contest = contestOf(services, firstAddress, advertisements, facts);
  if ("code" in contest) return nobody(contest, cluster);
  return rank(contest, viewOf(cluster, nowMs));
}

export function rank(contest: Contest, view: View): Layer2Election {
  const barriers: RankedNode[] = [];
  for (const node of view.nodes) {
    const why = contest.barrier(node, view);
    if (why) barriers.push({ node: node.name, rank: 0, why });
  }
  barriers.sort((a, b) => (a.node < b.node ? -1 : 1));
  const order = standingsOf(contest, view);
  const [winner, second] = order;
  if (!winner) return { ...nobody(reason("announce.no-candidate"), view), ranking: barriers };
  const note = noteOn(contest, view);
  return {
    winner: winner.candidate.node.name,
    interfaces: interfacesOn(winner.candidate.node, contest.ads),
    ranking: [
      ...order.map(
        (standing, index): RankedNode => ({
          node: standing.candidate.node.name,
          rank: index + 1,
          why:
            index === 0
              ? whyWon(winner, second, contest, order.length)
              : whyLost(standing, winner, contest, view),
        }),
      ),
      ...barriers,
    ],
    ...(note && { note }),
  };
}

/** Every candidate, best first. */
function standingsOf(contest: Contest, view: View): Standing[] {
  return fieldOf(contest.matched, view)
    .candidates.filter(({ node }) => contest.isLocal(node.name))
    .map((candidate) => contest.standing(candidate, view))
    .sort((a, b) => contest.compare(a, b));
}

/** That something is asked for which is not heeded, and because of whom. */
function noteOn({ ads }: Contest, { nodes, areExtrasInForce }: View): Reason | undefined {
  if (areExtrasInForce) return undefined;
  const isAsked =
    nodes.some(({ isDraining }) => isDraining) ||
    ads.some(({ policy, interfaces }) => policy !== undefined || interfaces.length > 0);
  const silent = nodes.filter((node) => node.hasSpeaker && !node.facts).map(({ name }) => name);
  const [node = ""] = silent.sort();
  return isAsked ? reason("announce.extras-off", { node, count: silent.length }) : undefined;
}

function nobody(blocked: Reason, cluster: Cluster): Layer2Election {
  return {
    interfaces: [],
    blocked,
    ranking: cluster.nodes.map((node) => ({ node: node.name, rank: 0, why: blocked })),
  };
}
