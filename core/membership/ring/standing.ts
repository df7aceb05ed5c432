import type { Boot, NodeId } from "./identity.ts";

export type MemberState = "alive" | "dead" | "left";

/**
 * What the ring holds of a member. Only the member itself raises its incarnation: it begins with the time of its start
 * and goes above whatever is wrongly said of it, so any two standings of a member have an order.
 */
export interface Standing {
  readonly boot: Boot;
  readonly incarnation: number;
  readonly state: MemberState;
}

/** A standing as it is passed on. */
export interface SpokenStanding extends Standing {
  readonly id: NodeId;
  /** Version of the facts that the speaker holds of the member, 0 for none. */
  readonly factsVersion: number;
  /** Of the last sign of life when a death is told; 0 otherwise. */
  readonly silentMs: number;
}

/** The later one wins: within an incarnation whoever was alive may have died, and a goodbye is final. */
export const stateOrder: readonly MemberState[] = ["alive", "dead", "left"];

export function supersedes(next: Standing, present: Standing | undefined): boolean {
  if (!present) return true;
  if (next.incarnation !== present.incarnation) return next.incarnation > present.incarnation;
  const rise = stateOrder.indexOf(next.state) - stateOrder.indexOf(present.state);
  // Two boots of one incarnation: a clock that went back. Any order will do, as long as it is everybody's.
  return rise !== 0 ? rise > 0 : next.boot > present.boot;
}

/** 32 bits that change with anything in the standing; those of several members are combined by XOR. */
export function standingHash(
  id: NodeId,
  { boot, incarnation, state }: Standing,
  factsVersion: number,
): number {
  let hash = stateOrder.indexOf(state);
  for (const value of [id, boot, incarnation, factsVersion])
    hash = mix(mix(hash, value % 2 ** 32), Math.floor(value / 2 ** 32));
  return hash >>> 0;
}

/** One round of MurmurHash3 (32 bits) with its finalizer. */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  let h = hash ^ k;
  h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
