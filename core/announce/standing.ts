import type { IpAddress } from "#core/net/mod.ts";
import { prefixContains } from "#core/net/mod.ts";
import type { NodeFacts, SpeakerFacts } from "./types.ts";

/** What sets a candidate back behind others; the sum is compared first, so an unable node never wins over an able one. */
export const handicaps = { unable: 4, draining: 2, damped: 1 } as const;

/** From so many losses within the damping window on, a node waits before it leads again. */
const flapsMin = 3;
const dampingFirstMs = 60_000;
const dampingMostMs = 3_600_000;

/**
 * Extras are heeded only while every live speaker describes itself: MetalLB's speakers, and those that the ring does
 * not hear, would elect another winner.
 */
export function areExtrasInForce(nodes: readonly NodeFacts[]): boolean {
  return nodes.every((node) => !node.hasSpeaker || node.facts !== undefined);
}

/**
 * Until when a node that was lost again and again leaves its addresses to others, epoch ms; undefined: not at all. It
 * must have been stable for a minute after the third loss, and twice as long for each further one, an hour at most.
 */
export function dampedUntilMs({ flaps, stableSince }: SpeakerFacts): number | undefined {
  if (flaps < flapsMin) return undefined;
  return stableSince * 1000 + Math.min(dampingMostMs, dampingFirstMs * 2 ** Math.min(flaps - flapsMin, 32));
}

/** Since when a node has been stable for the time that a failback policy asks, epoch ms. */
export function seasonedAtMs({ stableSince }: SpeakerFacts, failbackAfterMs: number): number {
  return stableSince * 1000 + failbackAfterMs;
}

/** Of the interfaces that an advertisement names (none: any), those on which the speaker can answer. */
function usableInterfaces(facts: SpeakerFacts, named: readonly string[]): SpeakerFacts["interfaces"] {
  return named.length === 0 ? facts.interfaces : facts.interfaces.filter(({ name }) => named.includes(name));
}

export function hasInterface(facts: SpeakerFacts, named: readonly string[]): boolean {
  return facts.isTruncated || usableInterfaces(facts, named).length > 0;
}

/** The first address that no usable interface has a connected route to. */
export function unroutedAddress(
  facts: SpeakerFacts,
  named: readonly string[],
  addresses: readonly IpAddress[],
): IpAddress | undefined {
  if (facts.isTruncated) return undefined;
  const connected = usableInterfaces(facts, named).flatMap((each) => each.connected);
  return addresses.find((address) => !connected.some((prefix) => prefixContains(prefix, address)));
}

/** The handicaps that do not depend on the address. */
export function handicapOf(
  { facts, isDraining }: NodeFacts,
  named: readonly string[],
  nowMs: number,
): number {
  if (!facts) return 0;
  const isAble = facts.isAnswering && hasInterface(facts, named);
  const dampedUntil = dampedUntilMs(facts);
  return (
    (isAble ? 0 : handicaps.unable) +
    (isDraining ? handicaps.draining : 0) +
    (dampedUntil !== undefined && dampedUntil > nowMs ? handicaps.damped : 0)
  );
}
