import type { Event } from "./event.ts";
import { failByTcp, stop } from "./failures.ts";
import type { Context, Session, Step } from "./session.ts";
import { toConnect, toOpenSent } from "./steps.ts";

/** RFC 4271 §8.2.2, Active: waits for the peer to dial, or for the ConnectRetryTimer to dial again. */
export function active(session: Session, event: Event, context: Context): Step {
  switch (event.type) {
    case "ManualStop":
      return stop(session, event, context);
    case "ConnectRetryTimer_Expires":
      return toConnect(session, context);
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      return toOpenSent(session, event.bgpIdentifier, context);
    case "TcpConnectionFails":
      return failByTcp(session, event.reason, context);
    default:
      return failByTcp(session, `${event.type} in state Active`, context);
  }
}
