import { type Event, isStart } from "./event.ts";
import type { Context, Session, Step } from "./session.ts";
import { enter, stay, toConnect, toOpenSent } from "./steps.ts";

/** RFC 4271 §8.2.2, Idle: no connection; waits for a start, or for the IdleHoldTimer after a failure. */
export function idle(session: Session, event: Event, context: Context): Step {
  if (isStart(event)) return begin({ ...session, ConnectRetryCounter: 0, oscillations: 0 }, context);
  if (event.type === "IdleHoldTimer_Expires") return begin(session, context);
  // The RFC refuses connections here. Our pause after a failure is about dialling: a router that dials is ready.
  const isPause = session.timers.IdleHoldTimer !== undefined;
  if (event.type === "TcpConnectionConfirmed" && isPause)
    return toOpenSent(session, event.bgpIdentifier, context);
  if (event.type === "ManualStop")
    return stay({ ...session, timers: {}, ConnectRetryCounter: 0, oscillations: 0 });
  return stay(session);
}

/** A passive peer never dials, so that it needs no ConnectRetryTimer either. */
function begin(session: Session, context: Context): Step {
  if (session.parameters.isPassive) return stay(enter(session, "Active", context.now, { timers: {} }));
  return toConnect(session, context);
}
