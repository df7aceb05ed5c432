import type { Event } from "./event.ts";
import { failByTcp, stop, tcpErrorText } from "./failures.ts";
import type { Context, Session, Step } from "./session.ts";
import { toConnect, toOpenSent } from "./steps.ts";

/** RFC 4271 §8.2.2, Connect: waits for the TCP connection that it dialled. */
export function connect(session: Session, event: Event, context: Context): Step {
  switch (event.type) {
    case "ManualStop":
      return stop(session, event, context);
    case "ConnectRetryTimer_Expires": {
      const text = `TCP connection: no answer within ${session.parameters.connectRetryTimeMs / 1000} s`;
      const waiting = { ...session, lastError: { at: context.now, text: tcpErrorText(session, text) } };
      return toConnect(waiting, context, { type: "disconnect" });
    }
    case "Tcp_CR_Acked":
    case "TcpConnectionConfirmed":
      return toOpenSent(session, event.bgpIdentifier, context);
    case "TcpConnectionFails":
      return failByTcp(session, event.reason, context);
    default:
      return failByTcp(session, `${event.type} in state Connect`, context);
  }
}
