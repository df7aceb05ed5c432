import { ceaseNotification } from "../codec/mod.ts";
import type { Event } from "./event.ts";
import { failByPeer, failUnexpected, failWith, failWithCease, holdTimerExpired, stop } from "./failures.ts";
import type { Context, Session, SessionParameters, Step } from "./session.ts";
import { enter, restartHold, restartSendHold, sendKeepalive, stay } from "./steps.ts";

/** RFC 4271 §8.2.2, OpenConfirm: both OPENs are accepted; waits for the peer's KEEPALIVE. */
export function openConfirm(session: Session, event: Event, context: Context): Step {
  switch (event.type) {
    case "ManualStop":
      return stop(session, event, context);
    case "AutomaticStop":
      return failWithCease(session, ceaseNotification(event.cease, event.text), context);
    case "OpenCollisionDump":
      return failWithCease(session, ceaseNotification("Connection Collision Resolution"), context);
    case "HoldTimer_Expires":
      return holdTimerExpired(session, context);
    case "KeepaliveTimer_Expires":
      return sendKeepalive(session, context);
    case "KeepAliveMsg":
      return establish(session, context);
    case "BGPHeaderErr":
    case "BGPOpenMsgErr":
    case "UpdateMsgErr":
      return failWith(session, event.error, context);
    case "TcpConnectionFails":
    case "NotifMsg":
    case "NotifMsgVerErr":
      return failByPeer(session, event, context);
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      return stay(session);
    default:
      return failUnexpected(session, event, context);
  }
}

function establish(session: Session, context: Context): Step {
  const { lastNotification: _, ...rest } = session;
  const { negotiated, parameters } = rest;
  if (!negotiated) throw new Error("Cannot be in OpenConfirm without what the OPENs agreed on");
  // Attempts that failed on the way here are no oscillation.
  const change = { parameters: withoutRestart(parameters), ConnectRetryCounter: session.oscillations ?? 0 };
  const established = restartHold(enter(rest, "Established", context.now, change), context);
  return stay(restartSendHold(established, context), { type: "sessionUp", negotiated });
}

/** RFC 4724 §3: the Restart State bit is for the first session after a restart. */
function withoutRestart(parameters: SessionParameters): SessionParameters {
  const { gracefulRestart } = parameters;
  if (!gracefulRestart?.hasRestarted) return parameters;
  return { ...parameters, gracefulRestart: { ...gracefulRestart, hasRestarted: false } };
}
