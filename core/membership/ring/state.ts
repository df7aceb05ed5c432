import type { Member } from "./member.ts";
import type { Roster } from "./roster.ts";
import type { MemberState } from "./standing.ts";
import type { Verdict } from "./verdict_log.ts";
import { watchersOf } from "./watchers.ts";

export interface RingMemberState {
  readonly node: string;
  readonly state: MemberState | "unknown";
  /** Average of the answered questions. */
  readonly roundTripMs?: number;
  /** As it says of itself: 0 is well, 8 the worst. */
  readonly awareness: number;
  readonly lateMs: number;
  /** How often this node accused it, and was contradicted. */
  readonly accusations: number;
  readonly vetoes: number;
  /** Lost so often within the last ten minutes. */
  readonly flaps: number;
}

/** The ring as this node sees it, for people. */
export interface RingState {
  readonly isSettled: boolean;
  readonly hasCarrier: boolean;
  readonly incarnation: number;
  readonly awareness: number;
  readonly flaps: number;
  /** Who watches this node, and whom it watches. */
  readonly watchers: readonly string[];
  readonly targets: readonly string[];
  readonly members: readonly RingMemberState[];
  /** Listed speakers that were never heard: their port may be blocked, or they are MetalLB's. Empty until settled. */
  readonly neverHeard: readonly string[];
  /** Newest first. */
  readonly verdicts: readonly Verdict[];
  readonly sent: number;
  readonly received: number;
}

export function ringState(
  parts: Pick<
    RingState,
    "isSettled" | "hasCarrier" | "incarnation" | "awareness" | "flaps" | "verdicts" | "sent" | "received"
  > & {
    roster: Roster;
    targets: readonly Member[];
    zone: string | undefined;
    flapsOf(member: Member): number;
  },
): RingState {
  const { roster, targets, zone, flapsOf, ...rest } = parts;
  const members = roster.members();
  return {
    ...rest,
    verdicts: [...rest.verdicts],
    watchers: watchersOf(roster, undefined, zone).flatMap((each) => each?.node ?? []),
    targets: targets.map(({ node }) => node),
    members: members.map((member) => ({
      node: member.node,
      state: member.standing?.state ?? "unknown",
      ...(member.roundTripMs === undefined
        ? {}
        : { roundTripMs: Math.round(member.roundTripMs * 100) / 100 }),
      awareness: member.awareness,
      lateMs: member.lateMs,
      accusations: member.accusations,
      vetoes: member.vetoes,
      flaps: flapsOf(member),
    })),
    neverHeard: rest.isSettled ? members.filter((each) => !each.standing).map(({ node }) => node) : [],
  };
}
