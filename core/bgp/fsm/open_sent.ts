import { BgpError, ceaseNotification, type OpenMessage } from "../codec/mod.ts";
import type { Event } from "./event.ts";
import {
  failByPeer,
  failUnexpected,
  failWith,
  failWithCease,
  holdTimerExpired,
  retryPauseMs,
  stop,
  tcpErrorText,
} from "./failures.ts";
import { negotiate } from "./open_check.ts";
import type { Context, Session, Step } from "./session.ts";
import { enter, restartHold, restartKeepalive, stay } from "./steps.ts";
import { withJitter } from "./timers.ts";

/** How often, and at which pace, a router that is not ready is tried: about two seconds, and eight more. */
const promptly = { attempts: 25, pauseMs: 80 };
const patiently = { attempts: 20, pauseMs: 400 };

/** RFC 4271 §8.2.2, OpenSent: our OPEN is out; waits for the peer's. */
export function openSent(session: Session, event: Event, context: Context): Step {
  switch (event.type) {
    case "ManualStop":
      return stop(session, event, context);
    case "AutomaticStop":
      return failWithCease(session, ceaseNotification(event.cease, event.text), context);
    case "OpenCollisionDump":
      return failWithCease(session, ceaseNotification("Connection Collision Resolution"), context);
    case "HoldTimer_Expires":
      return holdTimerExpired(session, context);
    case "BGPOpen":
      return receiveOpen(session, event.message, context);
    case "BGPHeaderErr":
    case "BGPOpenMsgErr":
    case "UpdateMsgErr":
      return failWith(session, event.error, context);
    case "NotifMsg":
    case "NotifMsgVerErr":
      return failByPeer(session, event, context);
    case "TcpConnectionFails":
      return closed(session, event.reason, context);
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      // §6.8: a second connection is a session of its own until collision detection ends one of them.
      return stay(session);
    default:
      return failUnexpected(session, event, context);
  }
}

function receiveOpen(session: Session, open: OpenMessage, context: Context): Step {
  try {
    const negotiated = negotiate(session, session.bgpIdentifier, open);
    const confirmed = enter(session, "OpenConfirm", context.now, { timers: {}, negotiated });
    const timed = restartKeepalive(restartHold(confirmed, context), context);
    return stay(timed, { type: "send", message: { type: "KEEPALIVE" } });
  } catch (error) {
    if (error instanceof BgpError) return failWith(session, error, context);
    throw error;
  }
}

/**
 * The peer hung up before it said a word: routers do so while a neighbour is unknown to them, or not yet ready, as FRR
 * in the seconds after its start or after the last session. Nothing was negotiated, so nothing oscillates: the
 * ConnectRetryTimer is short for a while, and a router that becomes ready is not kept waiting; then damping sets in.
 */
function closed(session: Session, reason: string, context: Context): Step {
  const ConnectRetryCounter = session.ConnectRetryCounter + 1;
  const damped = ConnectRetryCounter - promptly.attempts - patiently.attempts;
  const pace = ConnectRetryCounter <= promptly.attempts ? promptly : patiently;
  const pauseMs =
    damped > 0 ? retryPauseMs(session, damped, context) : withJitter(pace.pauseMs, context.random);
  const ConnectRetryTimer = context.now + pauseMs;
  const text = tcpErrorText(session, `${reason} before its OPEN: it may not know us as a neighbour`);
  const change = {
    timers: session.parameters.isPassive ? {} : { ConnectRetryTimer },
    ConnectRetryCounter,
    lastError: { at: context.now, text },
  };
  return stay(enter(session, "Active", context.now, change), { type: "disconnect" });
}
