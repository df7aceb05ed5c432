import { formatAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { Contest, Standing } from "./contest.ts";
import { interfacesOn, type View } from "./field.ts";
import { dampedUntilMs, handicaps, hasInterface, seasonedAtMs } from "./standing.ts";
import type { NodeFacts } from "./types.ts";
import { utcText } from "./utc.ts";

/** Why the winner comes first, before the second if there is one. */
export function whyWon(
  winner: Standing,
  second: Standing | undefined,
  contest: Contest,
  count: number,
): Reason {
  const node = winner.candidate.node.name;
  if (winner.handicap > 0) return reason("announce.last-resort", { node, count });
  if (!second || second.handicap > 0) return reason("announce.won", { node, count });
  if (second.young > winner.young) return reason("announce.won-older-endpoint", { node, count });
  if (second.wait > winner.wait && node === contest.facts.incumbent)
    return reason("announce.won-incumbent", { node, count });
  if (second.spread > winner.spread) return reason("announce.won-spread", { node, count });
  if (second.score < winner.score)
    return reason("announce.won-preference", { node, count, weight: winner.score });
  return reason("announce.won", { node, count });
}

/** Why the node comes after the winner: the first part of their standings in which they differ. */
export function whyLost(loser: Standing, winner: Standing, contest: Contest, view: View): Reason {
  const names = { node: loser.candidate.node.name, winner: winner.candidate.node.name };
  if (loser.handicap > winner.handicap) return whySetBack(loser, contest);
  if (loser.young > winner.young) {
    const until = utcText(contest.comesOfAgeMs(names.node));
    return reason("announce.endpoint-young", { ...names, until });
  }
  if (loser.wait > winner.wait) {
    const { failbackAfterMs } = contest.policy;
    const { facts } = loser.candidate.node;
    if (!Number.isFinite(failbackAfterMs) || !facts) return reason("announce.incumbent-stays", names);
    const until = utcText(Math.max(seasonedAtMs(facts, failbackAfterMs), view.nowMs));
    return reason("announce.held-back", { ...names, until });
  }
  if (loser.spread > winner.spread) return reason("announce.spread-elsewhere", names);
  if (loser.score < winner.score)
    return reason("announce.lost-preference", { ...names, ours: loser.score, theirs: winner.score });
  return reason("announce.lost", names);
}

/** The heaviest of its handicaps. */
function whySetBack({ handicap, candidate }: Standing, contest: Contest): Reason {
  const { node } = candidate;
  const { name, facts } = node;
  if (facts && handicap & handicaps.unable) return whyUnable(node, contest);
  if (handicap & handicaps.draining || !facts) return reason("announce.draining", { node: name });
  const until = utcText(dampedUntilMs(facts) ?? 0);
  return reason("announce.damped", { node: name, flaps: facts.flaps, until });
}

function whyUnable(node: NodeFacts, contest: Contest): Reason {
  const { name, facts } = node;
  if (!facts?.isAnswering) return reason("announce.not-answering", { node: name });
  const named = interfacesOn(node, contest.ads);
  if (!hasInterface(facts, named)) {
    if (named.length === 0) return reason("announce.no-usable-interface", { node: name });
    return reason("announce.no-matching-interface", { node: name, interfaces: named.join(", ") });
  }
  const address = contest.unrouted(node);
  return reason("announce.no-connected-route", {
    node: name,
    address: address ? formatAddress(address) : "",
  });
}
