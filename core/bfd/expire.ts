import type { Context, Session, SessionAction, Step } from "./session.ts";
import { enter, maySpeakPeriodically, send, settle } from "./steps.ts";
import { detectAt, echoInterval, toMs, withJitter } from "./timing.ts";

/** When {@link expire} must be called at the latest; Infinity for never. */
export function nextDeadline(session: Session): number {
  return Math.min(
    session.transmitAt ?? Infinity,
    detectAt(session) ?? Infinity,
    session.echo.sendAt ?? Infinity,
    session.echo.detectAt ?? Infinity,
  );
}

/** Whatever is due: silence of the peer first, then what is to be sent. */
export function expire(session: Session, context: Context): Step {
  const judged = withEchoFailure(withSilence(session, context), context);
  const [settled, actions] = settle(session, judged, context);
  const sent: SessionAction[] = [...actions];
  let next = settled;
  if (next.transmitAt !== undefined && next.transmitAt <= context.now && maySpeakPeriodically(next))
    next = send(next, sent, context, false);
  return [sendEcho(next, sent, context), sent];
}

/** §6.8.4; and §6.8.1: a peer that is not heard may come back as another, so that its discriminator is forgotten. */
function withSilence(session: Session, { now }: Context): Session {
  if ((detectAt(session) ?? Infinity) > now) return session;
  const { receivedAt: _, remote: __, ...deaf } = session;
  const forgotten: Session = {
    ...deaf,
    bfd: {
      ...session.bfd,
      RemoteDiscr: 0,
      RemoteSessionState: "Down",
      RemoteDemandMode: false,
      RemoteMinRxInterval: 1,
    },
  };
  const isLost = session.bfd.SessionState === "Init" || session.bfd.SessionState === "Up";
  return isLost ? enter(forgotten, "Down", now, "Control Detection Time Expired") : forgotten;
}

/** §6.8.5. Where this side itself was held up and sent none, their absence says nothing. */
function withEchoFailure(session: Session, { now }: Context): Session {
  const { echo, bfd } = session;
  const interval = echoInterval(session);
  if (interval === undefined || echo.sendAt === undefined || (echo.detectAt ?? Infinity) > now)
    return session;
  if (now - echo.sendAt > toMs(interval))
    return { ...session, echo: { ...echo, detectAt: now + toMs(bfd.DetectMult * interval) } };
  return enter(session, "Down", now, "Echo Function Failed");
}

/** §6.8.9: at the pace that both sides want, less jitter as for control packets. */
function sendEcho(session: Session, actions: SessionAction[], { now, random }: Context): Session {
  const { echo } = session;
  const interval = echoInterval(session);
  if (interval === undefined || echo.sendAt === undefined || echo.sendAt > now) return session;
  const sequence = echo.sequence + 1;
  actions.push({ type: "sendEcho", sequence });
  const sendAt = now + toMs(withJitter(interval, session.bfd.DetectMult, random));
  return { ...session, echo: { ...echo, sequence, sendAt } };
}
