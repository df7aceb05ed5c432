import type { Boot, Heartbeat } from "./heartbeat.ts";

/**
 * What this node knows of another.
 *
 *            five beats in a row           silence
 *   unknown ────────────────────► alive ◄──────────► dead
 *                                   │    next beat     │ leave
 *                                   └──── leave ──► left
 *
 * Only a node that has worked can be accused: it counts as alive after five beats in a row, so a path that never
 * carried them is not missed later. A boot that was believed once returns with a single beat, so that a false verdict
 * is short; another boot has to prove itself anew, from wherever the member stands.
 */
export interface Member {
  readonly node: string;
  readonly state: "unknown" | "alive" | "dead" | "left";
  /** The run of its process that is believed; 0 for none yet. */
  readonly boot: Boot;
  /** The highest seen of that run: nothing up to it is taken again. */
  readonly sequence: number;
  /** Monotonic ms; meaningful once a boot is believed. */
  readonly lastHeardAt: number;
  /** A run that is on its way to be believed. */
  readonly candidate?: { readonly boot: Boot; readonly sequence: number; readonly inARow: number };
  /** Earlier runs, newest first: what was recorded of them is not taken again. */
  readonly retiredBoots: readonly Boot[];
}

export interface MemberContext {
  /** Monotonic ms. */
  now: number;
  /** The run of this node's own process. */
  ownBoot: Boot;
}

export type MemberEvent = { type: "beat"; beat: Heartbeat } | { type: "silence" };

export const beatsToBelieve = 5;
const retiredBootsMax = 16;

export function newMember(node: string): Member {
  return { node, state: "unknown", boot: 0, sequence: 0, lastHeardAt: 0, retiredBoots: [] };
}

/** The same object comes back where the event changes nothing. */
export function transition(member: Member, event: MemberEvent, context: MemberContext): Member {
  if (event.type === "silence") return member.state === "alive" ? { ...member, state: "dead" } : member;
  if (event.beat.boot === member.boot) return hearKnown(member, event.beat, context);
  if (member.retiredBoots.includes(event.beat.boot)) return member;
  return hearStranger(member, event.beat, context);
}

function hearKnown(member: Member, beat: Heartbeat, { now }: MemberContext): Member {
  // A process that said goodbye speaks no more; what comes is late or replayed.
  if (beat.sequence <= member.sequence || member.state === "left") return member;
  const state = beat.kind === "leave" ? "left" : "alive";
  // While the believed run speaks, no other run of the node is on its way.
  const { candidate: _, ...settled } = member;
  return { ...settled, state, sequence: beat.sequence, lastHeardAt: now };
}

function hearStranger(member: Member, beat: Heartbeat, { now, ownBoot }: MemberContext): Member {
  const { candidate, ...settled } = member;
  const isSame = candidate?.boot === beat.boot;
  if (isSame && beat.sequence <= candidate.sequence) return member;
  if (beat.kind === "leave") return isSame ? settled : member;
  const follows = isSame && beat.sequence === candidate.sequence + 1;
  // A beat that does not name our own run may have been recorded for an earlier one: heard, but no proof.
  const inARow = beat.receiverBoot === ownBoot ? (follows ? candidate.inARow : 0) + 1 : 0;
  if (inARow < beatsToBelieve)
    return { ...settled, candidate: { boot: beat.boot, sequence: beat.sequence, inARow } };
  const retiredBoots =
    member.boot === 0 ? [] : [member.boot, ...member.retiredBoots].slice(0, retiredBootsMax);
  return {
    node: member.node,
    state: "alive",
    boot: beat.boot,
    sequence: beat.sequence,
    lastHeardAt: now,
    retiredBoots,
  };
}
