import { bgpError, ceaseNotification } from "../codec/mod.ts";
import type { Event } from "./event.ts";
import { failByPeer, failUnexpected, failWith, failWithCease, holdTimerExpired, stop } from "./failures.ts";
import type { Context, Session, Step } from "./session.ts";
import { restartHold, restartKeepalive, restartSendHold, sendKeepalive, stay } from "./steps.ts";

/** RFC 4271 §8.2.2, Established: routes are exchanged. */
export function established(session: Session, event: Event, context: Context): Step {
  switch (event.type) {
    case "ManualStop":
      return stop(session, event, context);
    case "AutomaticStop":
      return failWithCease(session, ceaseNotification(event.cease, event.text), context);
    case "OpenCollisionDump":
      return failWithCease(session, ceaseNotification("Connection Collision Resolution"), context);
    case "HoldTimer_Expires":
      return holdTimerExpired(session, context);
    case "SendHoldTimer_Expires":
      return failWith(
        session,
        bgpError("Send Hold Timer Expired", "", "the peer takes no data: its TCP window stays closed"),
        context,
      );
    case "KeepaliveTimer_Expires":
      return sendKeepalive(session, context);
    case "MessageSent":
      return stay(restartSendHold(restartKeepalive(session, context), context));
    case "KeepAliveMsg":
      return stay(restartHold(session, context));
    case "UpdateMsg":
      return stay(restartHold(session, context), { type: "update", message: event.message });
    case "RouteRefreshMsg": {
      // RFC 7313 §5: other subtypes frame the peer's own answer, which we never ask for.
      if (event.message.subtype !== 0) return stay(session);
      const isFramed = session.negotiated?.enhancedRouteRefresh === true;
      return stay(session, { type: "refresh", family: event.message, isFramed });
    }
    // §8.2.2 lets event 21 send an FSM error; §6.1's own code says what is wrong.
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
