import {
  type BgpError,
  bgpError,
  ceaseNotification,
  describeNotification,
  type NotificationMessage,
  notificationOf,
  type SubcodeName,
} from "../codec/mod.ts";
import type { Event, PeerEndEvent, StopEvent } from "./event.ts";
import { openMessage } from "./open_check.ts";
import type { Action, Context, Session, StateName, Step } from "./session.ts";
import { withJitter } from "./timers.ts";

/** RFC 4271 §8.2.2, OpenSent: how long to wait for the peer's OPEN. */
const openHoldTimeMs = 240_000;
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

export function connectRetryDeadline(session: Session, { now, random }: Context): number {
  return now + withJitter(session.parameters.connectRetryTimeMs, random);
}

/** Dials, to arrive in Connect. */
export function toConnect(session: Session, context: Context, ...before: Action[]): Step {
  const timers = { ConnectRetryTimer: connectRetryDeadline(session, context) };
  return [enter(session, "Connect", context.now, { timers }), [...before, { type: "connect" }]];
}

/** The connection is up: sends OPEN and waits for the peer's. */
export function toOpenSent(session: Session, bgpIdentifier: number, { now }: Context): Step {
  const timers = { HoldTimer: now + openHoldTimeMs };
  const message = openMessage(session.parameters, bgpIdentifier);
  return [enter(session, "OpenSent", now, { timers, bgpIdentifier }), [{ type: "send", message }]];
}

/** Somebody stops the session: it stays in Idle until somebody starts it. */
export function stop(session: Session, event: StopEvent, context: Context): Step {
  const isTalking = ["OpenSent", "OpenConfirm", "Established"].includes(session.state);
  const farewell = isTalking ? ceaseNotification(event.cease, event.text) : undefined;
  const { negotiated: _, ...rest } = session;
  const idle = enter(rest, "Idle", context.now, { timers: {}, ConnectRetryCounter: 0 });
  return [idle, leave(session, farewell)];
}

/** A failure that needs no NOTIFICATION, because the peer is gone or has sent one itself. */
export function fail(session: Session, text: string, context: Context, farewell?: NotificationMessage): Step {
  const { now, random } = context;
  const ConnectRetryCounter = wasStable(session, now) ? 1 : session.ConnectRetryCounter + 1;
  const { idleHoldTimeMs, idleHoldTimeMaxMs } = session.parameters;
  const pauseMs = Math.min(idleHoldTimeMs * 2 ** (ConnectRetryCounter - 1), idleHoldTimeMaxMs);
  const { negotiated: _, ...rest } = session;
  return [
    {
      ...rest,
      state: "Idle",
      since: now,
      timers: { IdleHoldTimer: now + withJitter(pauseMs, random) },
      ConnectRetryCounter,
      lastError: { at: now, text },
      flaps: session.flaps + (session.state === "Established" ? 1 : 0),
    },
    leave(session, farewell),
  ];
}

/** DampPeerOscillations is for sessions that come and go: one that lasted longer than the longest pause is none. */
function wasStable({ state, since, parameters }: Session, now: number): boolean {
  return state === "Established" && now - since >= parameters.idleHoldTimeMaxMs;
}

function leave(session: Session, farewell: NotificationMessage | undefined): Action[] {
  const actions: Action[] = [];
  if (farewell) actions.push({ type: "send", message: farewell });
  if (session.state !== "Idle" && session.state !== "Active") actions.push({ type: "disconnect" });
  if (session.state === "Established") actions.push({ type: "sessionDown" });
  return actions;
}

/** A failure that the peer is told by the NOTIFICATION that the error is. */
export function failWith(session: Session, error: BgpError, context: Context): Step {
  return fail(session, `NOTIFICATION sent: ${error.message}`, context, notificationOf(error));
}

/** The peer, or TCP, ended it. RFC 4271 §6.4: a NOTIFICATION is never answered by one. */
export function failByPeer(session: Session, event: PeerEndEvent, context: Context): Step {
  if (event.type === "TcpConnectionFails") return fail(session, event.reason, context);
  return fail(session, `NOTIFICATION received: ${describeNotification(event.message)}`, context);
}

/** AutomaticStop, OpenCollisionDump: we end it, and come back after a pause. */
export function failWithCease(session: Session, farewell: NotificationMessage, context: Context): Step {
  return fail(session, `NOTIFICATION sent: ${describeNotification(farewell)}`, context, farewell);
}

const unexpectedSubcodes: Readonly<Partial<Record<StateName, SubcodeName<"Finite State Machine Error">>>> = {
  OpenSent: "Receive Unexpected Message in OpenSent State",
  OpenConfirm: "Receive Unexpected Message in OpenConfirm State",
  Established: "Receive Unexpected Message in Established State",
};

const messageCodes: Readonly<Record<string, number>> = {
  BGPOpen: 1,
  UpdateMsg: 2,
  KeepAliveMsg: 4,
  RouteRefreshMsg: 5,
};

/** Any other event in a state with a connection: Finite State Machine Error, with RFC 6608's subcode and data. */
export function failUnexpected(session: Session, event: Event, context: Context): Step {
  const code = messageCodes[event.type];
  const subcode = (code !== undefined && unexpectedSubcodes[session.state]) || "Unspecified Error";
  const data = code === undefined ? new Uint8Array(0) : Uint8Array.of(code);
  const detail = `${event.type} in state ${session.state}`;
  return failWith(session, bgpError("Finite State Machine Error", subcode, detail, data), context);
}

export function holdTimerExpired(session: Session, context: Context): Step {
  const waitedMs = session.state === "OpenSent" ? openHoldTimeMs : (session.negotiated?.holdTimeMs ?? 0);
  const what = session.state === "OpenSent" ? "no OPEN" : "neither KEEPALIVE nor UPDATE";
  return failWith(session, bgpError("Hold Timer Expired", "", `${what} for ${waitedMs / 1000} s`), context);
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
