import type { ControlPacket } from "./packet.ts";
import type { Context, PollSequence, Session, Step } from "./session.ts";
import { stateTable } from "./state_table.ts";
import { enter, settle } from "./steps.ts";
import { echoInterval, toMs } from "./timing.ts";

/** RFC 5880 §6.8.6, from where the packet is found good. */
export function receivePacket(session: Session, packet: ControlPacket, context: Context): Step {
  const heard: Session = { ...withRemote(session, packet), receivedAt: context.now };
  const { SessionState } = heard.bfd;
  if (SessionState === "AdminDown") return settle(session, heard, context);
  const move = stateTable[SessionState][packet.state];
  return settle(session, move ? enter(heard, move.to, context.now, move.diag) : heard, context, packet.poll);
}

function withRemote(session: Session, packet: ControlPacket): Session {
  const { detectMult, desiredMinTxInterval, requiredMinEchoRxInterval, diag } = packet;
  const heard: Session = {
    ...session,
    remote: { detectMult, desiredMinTxInterval, requiredMinEchoRxInterval, diag },
    bfd: {
      ...session.bfd,
      RemoteDiscr: packet.myDiscriminator,
      RemoteSessionState: packet.state,
      RemoteDemandMode: packet.demand,
      RemoteMinRxInterval: packet.requiredMinRxInterval,
    },
  };
  return packet.final ? endPoll(heard) : heard;
}

/** §6.5, §6.8.3: the peer knows the values, so that they are gone by; unless they changed once more since. */
function endPoll(session: Session): Session {
  const next: Partial<Record<PollSequence, PollSequence>> = { active: "none", again: "pause" };
  const poll = next[session.poll];
  if (poll === undefined) return session;
  if (poll === "pause") return { ...session, poll };
  const { DesiredMinTxInterval, RequiredMinRxInterval } = session.bfd;
  return { ...session, poll, inUse: { DesiredMinTxInterval, RequiredMinRxInterval } };
}

/** §6.8.5: an Echo packet came back. One that is older than the Detection Time says nothing of now. */
export function receiveEcho(session: Session, sequence: number, context: Context): Step {
  const { echo, bfd } = session;
  const interval = echoInterval(session);
  const isRecent = sequence <= echo.sequence && sequence > echo.sequence - bfd.DetectMult;
  if (echo.sendAt === undefined || interval === undefined || !isRecent) return [session, []];
  const detectAt = context.now + toMs(bfd.DetectMult * interval);
  return settle(session, { ...session, echo: { ...echo, isProven: true, detectAt } }, context);
}
