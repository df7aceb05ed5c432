import type { Context, PollSequence, Session } from "./session.ts";
import { desiredMinTx, echoInterval, isEchoActive, requiredMinRx, toMs } from "./timing.ts";

/**
 * RFC 5880 §6.8.3: a changed interval begins a Poll Sequence; one that is longer to send or shorter to receive is not gone by
 * before the peer has confirmed it, where the session is up.
 */
export function withIntervals(session: Session): Session {
  const { parameters, bfd, inUse } = session;
  const DesiredMinTxInterval = desiredMinTx(parameters, bfd.SessionState);
  const RequiredMinRxInterval = requiredMinRx(parameters, isEchoActive(session));
  const DetectMult = parameters.detectMult;
  const isChanged =
    DesiredMinTxInterval !== bfd.DesiredMinTxInterval || RequiredMinRxInterval !== bfd.RequiredMinRxInterval;
  if (bfd.RemoteDiscr === 0) {
    const now = { DesiredMinTxInterval, RequiredMinRxInterval };
    return { ...session, bfd: { ...bfd, ...now, DetectMult }, inUse: now, poll: "none" };
  }
  if (!isChanged && DetectMult === bfd.DetectMult) return session;
  const isUp = bfd.SessionState === "Up";
  return {
    ...session,
    bfd: { ...bfd, DesiredMinTxInterval, RequiredMinRxInterval, DetectMult },
    inUse: {
      DesiredMinTxInterval: isUp
        ? Math.min(DesiredMinTxInterval, inUse.DesiredMinTxInterval)
        : DesiredMinTxInterval,
      RequiredMinRxInterval: isUp
        ? Math.max(RequiredMinRxInterval, inUse.RequiredMinRxInterval)
        : RequiredMinRxInterval,
    },
    poll: isChanged ? pollAgain(session.poll) : session.poll,
  };
}

/** §6.5: an answer on its way may be to the packets before the change, so that another sequence follows. */
function pollAgain(poll: PollSequence): PollSequence {
  return poll === "none" ? "next" : poll === "active" ? "again" : poll;
}

/** §6.8.9: only while up, only where the peer loops back. What never came back is not missed. */
export function withEcho(session: Session, { now }: Context): Session {
  const { hasPath, sequence, isProven, sendAt, detectAt } = session.echo;
  const interval = echoInterval(session);
  if (!hasPath || session.bfd.SessionState !== "Up" || interval === undefined)
    return sendAt === undefined ? session : { ...session, echo: { hasPath, sequence, isProven } };
  if (sendAt !== undefined) return session;
  const missedAt = isProven ? now + toMs(session.bfd.DetectMult * interval) : detectAt;
  return {
    ...session,
    echo: { ...session.echo, sendAt: now, ...(missedAt !== undefined && { detectAt: missedAt }) },
  };
}
