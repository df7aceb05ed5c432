/**
 * memberlist's and Lifeguard's arithmetic, kept apart from clocks and states. `members` counts everybody in the list,
 * the own node and the dead that are not forgotten yet included.
 */

/** The shortest suspicion: SuspicionMult · max(1, log10 n) · ProbeInterval. */
export function suspicionTimeoutMs(multiplier: number, members: number, probeIntervalMs: number): number {
  const scale = Math.max(1, Math.log10(Math.max(1, members)));
  return (multiplier * Math.floor(scale * 1000) * probeIntervalMs) / 1000;
}

/** Independent accusers that shorten a suspicion to its minimum: SuspicionMult - 2, and 0 where so many cannot be. */
export function confirmationsWanted(multiplier: number, members: number): number {
  const wanted = multiplier - 2;
  return members - 2 < wanted ? 0 : wanted;
}

/**
 * How long a suspicion lasts from its start with so many confirmations (Lifeguard, "local health aware suspicion"):
 * max - log(confirmations + 1) / log(wanted + 1) · (max - min), never less than min.
 */
export function suspicionLastsMs(
  confirmations: number,
  wanted: number,
  minMs: number,
  maxMs: number,
): number {
  if (wanted < 1) return minMs;
  const fraction = Math.log(confirmations + 1) / Math.log(wanted + 1);
  return Math.max(minMs, Math.floor(maxMs - fraction * (maxMs - minMs)));
}

/** How often a piece of gossip is sent: RetransmitMult · ceil(log10(n + 1)). */
export function retransmitLimit(multiplier: number, members: number): number {
  return multiplier * Math.ceil(Math.log10(members + 1));
}

const pushPullThreshold = 32;

/** Full exchanges cost more in larger rings: (ceil(log2 n - log2 32) + 1) · PushPullInterval above 32 members. */
export function pushPullIntervalMs(intervalMs: number, members: number): number {
  if (members <= pushPullThreshold) return intervalMs;
  return (Math.ceil(Math.log2(members) - Math.log2(pushPullThreshold)) + 1) * intervalMs;
}
