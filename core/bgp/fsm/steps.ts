import { openMessage } from "./open_check.ts";
import type { Action, Context, Session, StateName, Step } from "./session.ts";
import { withJitter } from "./timers.ts";

/** RFC 4271 §8.2.2, OpenSent: how long to wait for the peer's OPEN. */
export const openHoldTimeMs = 240_000;
/** RFC 9687 §3.3: at least, and twice the hold time where that is more. */
const sendHoldTimeMinMs = 480_000;

/** Another state, or the same one: `since` moves only with the state. */
export function enter(
  session: Session,
  state: StateName,
  now: number,
  change: Partial<Session> = {},
): Session {
  return { ...session, ...change, state, since: state === session.state ? session.since : now };
}

export function stay(session: Session, ...actions: Action[]): Step {
  return [session, actions];
}

/** Dials, to arrive in Connect. */
export function toConnect(session: Session, context: Context, ...before: Action[]): Step {
  const { now, random } = context;
  const timers = { ConnectRetryTimer: now + withJitter(session.parameters.connectRetryTimeMs, random) };
  return [enter(session, "Connect", now, { timers }), [...before, { type: "connect" }]];
}

/** The connection is up: sends OPEN and waits for the peer's. */
export function toOpenSent(session: Session, bgpIdentifier: number, { now }: Context): Step {
  const timers = { HoldTimer: now + openHoldTimeMs };
  const message = openMessage(session, bgpIdentifier);
  return [enter(session, "OpenSent", now, { timers, bgpIdentifier }), [{ type: "send", message }]];
}

/** HoldTimer, unless the negotiated time is zero. */
export function restartHold(session: Session, { now }: Context): Session {
  const holdTimeMs = session.negotiated?.holdTimeMs ?? 0;
  return holdTimeMs === 0
    ? session
    : { ...session, timers: { ...session.timers, HoldTimer: now + holdTimeMs } };
}

/** KeepaliveTimer, unless the negotiated time is zero. */
export function restartKeepalive(session: Session, { now, random }: Context): Session {
  const timeMs = session.negotiated?.keepaliveTimeMs ?? 0;
  if (timeMs === 0) return session;
  return { ...session, timers: { ...session.timers, KeepaliveTimer: now + withJitter(timeMs, random) } };
}

/** RFC 9687 §3.2: runs in Established, restarted whenever TCP took what we sent; not with a hold time of zero. */
export function restartSendHold(session: Session, { now }: Context): Session {
  const holdTimeMs = session.negotiated?.holdTimeMs ?? 0;
  if (holdTimeMs === 0) return session;
  const SendHoldTimer = now + Math.max(sendHoldTimeMinMs, 2 * holdTimeMs);
  return { ...session, timers: { ...session.timers, SendHoldTimer } };
}

/** KeepaliveTimer_Expires in OpenConfirm and Established. */
export function sendKeepalive(session: Session, context: Context): Step {
  return stay(restartKeepalive(session, context), { type: "send", message: { type: "KEEPALIVE" } });
}
