import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";
import { watchersPerNode } from "./timing.ts";

/** How far the choice looks for other zones. It also bounds how many targets one node can have. */
const reach = 3 * watchersPerNode;

/** A place in the ring: a member, or this node itself as undefined. */
type Place = Member | undefined;

/**
 * The watchers of a place: the next five in the ring after it, over as many zones as the next fifteen offer. Everybody
 * where there are no more than six. `isIn` says who counts as living.
 */
export function watchersOf(
  roster: Roster,
  place: Place,
  ownZone: string | undefined,
  isIn: (member: Member) => boolean = (member) => roster.isInRing(member),
): Place[] {
  const next: Place[] = [];
  for (const each of roster.after(place?.id ?? roster.ownId)) {
    if (each && !isIn(each)) continue;
    next.push(each);
    if (next.length === reach) break;
  }
  if (next.length <= watchersPerNode) return next;
  return spread(next, (each) => (each ? each.zone : ownZone));
}

/** Those that this node watches: whoever has it among their watchers. */
export function targetsOf(
  roster: Roster,
  ownZone: string | undefined,
  isIn: (member: Member) => boolean = (member) => roster.isInRing(member),
): Member[] {
  const targets: Member[] = [];
  let passed = 0;
  for (const each of roster.before(roster.ownId)) {
    if (!each || !isIn(each)) continue;
    if (watchersOf(roster, each, ownZone, isIn).includes(undefined)) targets.push(each);
    if (++passed === reach) break;
  }
  return targets;
}

/** Each time the nearest of those whose zone was taken least often. */
function spread(places: readonly Place[], zoneOf: (place: Place) => string | undefined): Place[] {
  const taken = new Map<string | undefined, number>();
  const left = [...places];
  return Array.from({ length: watchersPerNode }, () => {
    let best = 0;
    const uses = (index: number) => taken.get(zoneOf(left[index])) ?? 0;
    for (let index = 1; index < left.length; index++) if (uses(index) < uses(best)) best = index;
    const [chosen] = left.splice(best, 1);
    taken.set(zoneOf(chosen), (taken.get(zoneOf(chosen)) ?? 0) + 1);
    return chosen;
  });
}
