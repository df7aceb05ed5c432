import { withEcho, withIntervals } from "./intervals.ts";
import { type Diagnostic, diagnosticCode, type SessionState } from "./names_table.ts";
import { bfdVersion, type ControlPacket, controlPacketBytes } from "./packet.ts";
import type { Context, PollSequence, Session, SessionAction, Step } from "./session.ts";
import { isRemoteDemanding, toMs, toUs, transmitInterval, withJitter } from "./timing.ts";

/** Another state; what led down is kept for both sides to read, and forgotten when the session is up. */
export function enter(session: Session, to: SessionState, now: number, why?: Diagnostic): Session {
  const LocalDiag = why ? diagnosticCode(why) : to === "Up" ? 0 : session.bfd.LocalDiag;
  return { ...session, since: now, bfd: { ...session.bfd, SessionState: to, LocalDiag } };
}

/**
 * What every event ends with: the intervals that the state asks for, the packets that are due because something
 * changed or the peer polls, and the time of the next ones.
 */
export function settle(
  before: Session | undefined,
  after: Session,
  context: Context,
  isPolled = false,
): Step {
  const actions: SessionAction[] = [];
  const from = before?.bfd.SessionState ?? "Down";
  if (from !== after.bfd.SessionState) actions.push({ type: "state", from, to: after.bfd.SessionState });
  let session = withIntervals(withEcho(after, context));
  if (isPolled) session = send(session, actions, context, true);
  else if (maySpeak(session) && isNews(session)) session = send(session, actions, context, false);
  return [withTransmitTimer(session, context), actions];
}

const afterPacket: { readonly [Poll in PollSequence]?: PollSequence } = { pause: "next", next: "active" };

/** A periodic packet, or the answer to a Poll, which leaves the periodic ones as they are (§6.8.7). */
export function send(
  session: Session,
  actions: SessionAction[],
  context: Context,
  isFinal: boolean,
): Session {
  const { now, random } = context;
  const packet = packetOf(session, isFinal);
  actions.push({ type: "send", packet });
  const sent = { ...session, sentAt: now, lastSent: packet };
  if (isFinal) return sent;
  const interval = transmitInterval(session);
  const transmitAt = now + toMs(withJitter(interval, session.bfd.DetectMult, random));
  const poll = afterPacket[session.poll] ?? session.poll;
  return { ...sent, poll, transmitAt, transmitInterval: interval };
}

/** §6.8.7: a passive system is silent until it knows whom it speaks to. */
function maySpeak({ parameters, bfd }: Session): boolean {
  return !parameters.isPassive || bfd.RemoteDiscr !== 0;
}

/** §6.8.7: periodic packets are sent unless the peer wants none, or has asked for Demand mode and is not polled. */
export function maySpeakPeriodically(session: Session): boolean {
  if (!maySpeak(session) || session.bfd.RemoteMinRxInterval === 0) return false;
  return !isRemoteDemanding(session) || session.poll !== "none";
}

/** §6.8.7 */
function packetOf({ bfd, parameters, poll }: Session, isFinal: boolean): ControlPacket {
  return {
    version: bfdVersion,
    diag: bfd.LocalDiag,
    state: bfd.SessionState,
    poll: !isFinal && poll !== "none" && poll !== "pause",
    final: isFinal,
    // A thread of this process answers for it: it dies with the control plane.
    controlPlaneIndependent: false,
    authenticationPresent: false,
    demand: bfd.DemandMode,
    multipoint: false,
    detectMult: bfd.DetectMult,
    length: controlPacketBytes,
    myDiscriminator: bfd.LocalDiscr,
    yourDiscriminator: bfd.RemoteDiscr,
    desiredMinTxInterval: bfd.DesiredMinTxInterval,
    requiredMinRxInterval: bfd.RequiredMinRxInterval,
    requiredMinEchoRxInterval: toUs(parameters.requiredMinEchoRxIntervalMs),
  };
}

/** §6.8.7: what differs from the last packet, Poll and Final apart, need not wait for its turn. */
function isNews(session: Session): boolean {
  const { lastSent } = session;
  if (!lastSent) return true;
  const next = packetOf(session, false);
  return (
    next.state !== lastSent.state ||
    next.diag !== lastSent.diag ||
    next.detectMult !== lastSent.detectMult ||
    next.yourDiscriminator !== lastSent.yourDiscriminator ||
    next.desiredMinTxInterval !== lastSent.desiredMinTxInterval ||
    next.requiredMinRxInterval !== lastSent.requiredMinRxInterval ||
    next.requiredMinEchoRxInterval !== lastSent.requiredMinEchoRxInterval
  );
}

/** §6.8.3: a shorter interval counts from the packet before. */
function withTransmitTimer(session: Session, { now, random }: Context): Session {
  if (!maySpeakPeriodically(session)) {
    const { transmitAt: _, transmitInterval: __, ...silent } = session;
    return silent;
  }
  const interval = transmitInterval(session);
  if (session.transmitInterval !== undefined && interval >= session.transmitInterval) return session;
  const due = (session.sentAt ?? now) + toMs(withJitter(interval, session.bfd.DetectMult, random));
  const transmitAt = Math.min(session.transmitAt ?? Infinity, due);
  return { ...session, transmitAt, transmitInterval: interval };
}
