import { receiveEcho, receivePacket } from "./receive.ts";
import type { Context, Session, SessionEvent, SessionParameters, Step } from "./session.ts";
import { enter, settle } from "./steps.ts";
import { desiredMinTx, requiredMinRx } from "./timing.ts";

/** A session that begins in state Down (RFC 5880 §6.8.1), and its first packet, where it speaks first. */
export function newSession(parameters: SessionParameters, LocalDiscr: number, context: Context): Step {
  const inUse = {
    DesiredMinTxInterval: desiredMinTx(parameters, "Down"),
    RequiredMinRxInterval: requiredMinRx(parameters, false),
  };
  const session: Session = {
    parameters,
    bfd: {
      SessionState: "Down",
      RemoteSessionState: "Down",
      LocalDiscr,
      RemoteDiscr: 0,
      LocalDiag: 0,
      ...inUse,
      RemoteMinRxInterval: 1,
      DemandMode: false,
      RemoteDemandMode: false,
      DetectMult: parameters.detectMult,
      AuthType: 0,
    },
    since: context.now,
    poll: "none",
    inUse,
    echo: { hasPath: false, sequence: 0, isProven: false },
  };
  return settle(undefined, session, context);
}

/** What one event makes of a session, and what is to be done about it, in order. */
export function transition(session: Session, event: SessionEvent, context: Context): Step {
  switch (event.type) {
    case "packet":
      return receivePacket(session, event.packet, context);
    case "echo":
      return receiveEcho(session, event.sequence, context);
    case "echoPath":
      return settle(session, { ...session, echo: { ...session.echo, hasPath: event.isOpen } }, context);
    case "parameters":
      return settle(session, { ...session, parameters: event.parameters }, context);
    case "disable":
      if (session.bfd.SessionState === "AdminDown") return [session, []];
      return settle(session, enter(session, "AdminDown", context.now, "Administratively Down"), context);
    case "enable":
      if (session.bfd.SessionState !== "AdminDown") return [session, []];
      return settle(session, enter(session, "Down", context.now, "No Diagnostic"), context);
  }
}
