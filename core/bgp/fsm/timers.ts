/** The timers of RFC 4271 §8 and RFC 9687. A timer that runs is a deadline in the state; no deadline, no timer. */
export type TimerName =
  | "ConnectRetryTimer"
  | "HoldTimer"
  | "KeepaliveTimer"
  | "IdleHoldTimer"
  | "SendHoldTimer";

/** Deadlines in milliseconds of the caller's clock. */
export type Timers = { readonly [Name in TimerName]?: number };

/** RFC 4271 §10: ConnectRetryTimer and KeepaliveTimer run for 0.75 to 1 of their time, so that peers do not march in step. */
export function withJitter(timeMs: number, random: () => number): number {
  return timeMs * (0.75 + 0.25 * random());
}

export function nextTimer(timers: Timers): number | undefined {
  let next: number | undefined;
  for (const deadline of Object.values(timers)) {
    if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
  }
  return next;
}

/** Names of the timers whose deadline has come, earliest first. */
export function expired(timers: Timers, now: number): TimerName[] {
  return (Object.entries(timers) as [TimerName, number | undefined][])
    .filter((entry): entry is [TimerName, number] => entry[1] !== undefined && entry[1] <= now)
    .sort((a, b) => a[1] - b[1])
    .map(([name]) => name);
}
