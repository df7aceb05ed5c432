import type { Connection } from "./connection.ts";
import type { PeerTarget } from "./types.ts";

/** Whether the peer takes a new connection signed with the password. */
export type AcceptsPassword = (peer: PeerTarget) => Promise<boolean>;

const lookMs = 250;
/** The peer's router may be a moment behind; from then on it is asked now and then. */
const firstAskMs = 1_000;
const askEveryMs = 2_000;
/** A segment that was lost while keys differed is sent again within this, where the peer took the key meanwhile. */
const graceMs = 1_000;

export interface RotationParts {
  readonly connection: Connection;
  /** With the new password. */
  readonly target: PeerTarget;
  readonly acceptsPassword: AcceptsPassword;
  /** Sends something that the peer must acknowledge. */
  keepalive(): void;
  /** The connection stands, and its key is still that one. */
  isCurrent(): boolean;
  /** Nothing is acknowledged yet: in words, once. */
  waiting(words: string): void;
  acknowledged(): void;
  /** The connection is of no use any more. */
  givenUp(reason: string): void;
}

/**
 * Gives a running connection another TCP MD5 key, which the kernel takes at any time. Routers either change theirs on the
 * running session too, or start the session anew. The first shows as an acknowledgement of what we sent since, the
 * second as a new connection that is accepted while nothing on the old one is. Where neither happens, the hold timers
 * of both sides end the session, as with any mismatch.
 */
export async function rotatePassword(parts: RotationParts): Promise<void> {
  const { connection, target } = parts;
  try {
    connection.rekey(target.address, target.password);
  } catch (error) {
    return parts.givenUp(`TCP connection given up: ${error}`);
  }
  parts.keepalive();
  let nextAskMs = firstAskMs;
  for (let waitedMs = lookMs; ; waitedMs += lookMs) {
    await pause(lookMs);
    if (!parts.isCurrent()) return;
    if (connection.unacknowledged() === 0) return parts.acknowledged();
    if (waitedMs < nextAskMs) continue;
    if (nextAskMs === firstAskMs) parts.waiting(waitingWords);
    nextAskMs += askEveryMs;
    if (!(await parts.acceptsPassword(target))) continue;
    await pause(graceMs);
    if (parts.isCurrent() && connection.unacknowledged() > 0) return parts.givenUp(givenUpWords);
  }
}

const waitingWords =
  "the peer does not acknowledge anything since the password was changed here: the password is likely another one there; until both are the same, the session lasts for its hold time";
const givenUpWords =
  "TCP connection given up: the peer takes the new password on new connections, and not on the one that was open";

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
