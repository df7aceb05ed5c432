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

const givenUp =
  "TCP connection given up: the peer takes the new password on new connections, and not on the one that was open";

/**
 * After a connection got another key: routers either change it on the running session too, or start the session anew.
 * The first shows as an acknowledgement of what we sent since, the second as a new connection that is accepted while
 * nothing on the old one is. Where neither happens, both sides' hold timers end the session, as with any mismatch.
 */
export async function followRotation({
  connection,
  isCurrent,
  acceptsPassword,
}: {
  connection: Connection;
  /** The connection stands, and its key is still that one. */
  isCurrent: () => boolean;
  acceptsPassword: () => Promise<boolean>;
}): Promise<"acknowledged" | typeof givenUp> {
  let nextAskMs = firstAskMs;
  for (let waitedMs = lookMs; ; waitedMs += lookMs) {
    await pause(lookMs);
    if (!isCurrent() || connection.unacknowledged() === 0) return "acknowledged";
    if (waitedMs < nextAskMs) continue;
    nextAskMs += askEveryMs;
    if (!(await acceptsPassword())) continue;
    await pause(graceMs);
    return isCurrent() && connection.unacknowledged() > 0 ? givenUp : "acknowledged";
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
