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
import type { Action, Context, Session, StateName, Step } from "./session.ts";
import { enter, openHoldTimeMs } from "./steps.ts";
import { withJitter } from "./timers.ts";
import { withheldAfter } from "./withheld.ts";

/** Somebody stops the session: it stays in Idle until somebody starts it. */
export function stop(session: Session, event: StopEvent, context: Context): Step {
  const isTalking = ["OpenSent", "OpenConfirm", "Established"].includes(session.state);
  // RFC 4724 §4: a NOTIFICATION would make the peer drop the routes at once.
  const isKept = event.isRestart === true && session.negotiated?.gracefulRestart === true;
  const isSilent = isKept && session.state === "Established";
  const farewell = isTalking && !isSilent ? ceaseNotification(event.cease, event.text) : undefined;
  const { negotiated: _, ...rest } = session;
  const idle = enter(rest, "Idle", context.now, { timers: {}, ConnectRetryCounter: 0, oscillations: 0 });
  return [idle, leave(session, farewell)];
}

/** The session comes to nothing, and is tried again after a pause. `text` says why. */
function fail(session: Session, text: string, context: Context, farewell?: NotificationMessage): Step {
  const { now } = context;
  const wasUp = session.state === "Established";
  const ConnectRetryCounter = wasStable(session, now) ? 1 : session.ConnectRetryCounter + 1;
  const { negotiated: _, withheld, ...rest } = session;
  const failed: Session = {
    ...rest,
    state: "Idle",
    since: now,
    timers: { IdleHoldTimer: now + retryPauseMs(session, ConnectRetryCounter, context) },
    ConnectRetryCounter,
    ...(wasUp && { oscillations: ConnectRetryCounter }),
    lastError: { at: now, text },
    flaps: session.flaps + (wasUp ? 1 : 0),
    // A router that comes back may be another version of itself.
    ...(withheld && !wasUp && { withheld }),
  };
  return [failed, leave(session, farewell)];
}

/** DampPeerOscillations: the pause doubles with each failure, up to the longest. */
export function retryPauseMs({ parameters }: Session, failures: number, { random }: Context): number {
  const { idleHoldTimeMs, idleHoldTimeMaxMs } = parameters;
  return withJitter(Math.min(idleHoldTimeMs * 2 ** (failures - 1), idleHoldTimeMaxMs), random);
}

/** Damping is for sessions that come and go: one that lasted longer than the longest pause is none. */
function wasStable({ state, since, parameters }: Session, now: number): boolean {
  return state === "Established" && now - since >= parameters.idleHoldTimeMaxMs;
}

/** TCP's word on a failure; where a NOTIFICATION went before, that is what people need to read. */
export function tcpErrorText(session: Session, reason: string): string {
  return session.lastNotification ? `${reason}; before that ${session.lastNotification}` : reason;
}

/** No connection, or no longer one. */
export function failByTcp(session: Session, reason: string, context: Context): Step {
  return fail(session, tcpErrorText(session, reason), context);
}

function failByNotification(
  session: Session,
  lastNotification: string,
  context: Context,
  farewell?: NotificationMessage,
): Step {
  return fail({ ...session, lastNotification }, lastNotification, context, farewell);
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
  return failByNotification(session, `NOTIFICATION sent: ${error.message}`, context, notificationOf(error));
}

/** The peer, or TCP, ended it. RFC 4271 §6.4: a NOTIFICATION is never answered by one. */
export function failByPeer(session: Session, event: PeerEndEvent, context: Context): Step {
  if (event.type === "TcpConnectionFails") return failByTcp(session, event.reason, context);
  const words = `NOTIFICATION received: ${describeNotification(event.message)}`;
  const withheld = withheldAfter(session, event.message);
  if (!withheld) return failByNotification(session, words, context);
  const left = withheld === "all" ? "capabilities" : `capabilities ${withheld.join(", ")}`;
  return failByNotification(
    { ...session, withheld },
    `${words}; the next OPEN goes without ${left}`,
    context,
  );
}

/** AutomaticStop, OpenCollisionDump: we end it, and come back after a pause. */
export function failWithCease(session: Session, farewell: NotificationMessage, context: Context): Step {
  return failByNotification(
    session,
    `NOTIFICATION sent: ${describeNotification(farewell)}`,
    context,
    farewell,
  );
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
