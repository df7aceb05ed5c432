import type { NodeFacts } from "#core/announce/mod.ts";
import type { MembershipSummary, SpeakerState } from "#server/ports.ts";

/** How the speakers watch one another, from what each of them says. */
export function membershipOf(nodes: readonly NodeFacts[], states: Iterable<SpeakerState>): MembershipSummary {
  const silent = nodes.filter(({ hasSpeaker, facts }) => hasSpeaker && !facts).map(({ name }) => name);
  const ringBlocked = [...states].flatMap(({ node, ring }) =>
    ring?.isBlocked ? [{ node, port: ring.port }] : [],
  );
  return {
    extras: { inForce: silent.length === 0, silent: silent.sort() },
    ringBlocked: ringBlocked.sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}
