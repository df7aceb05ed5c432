import type { Session, SessionParameters, SessionVariables } from "./session.ts";

/** RFC 5880 §6.8.3: while a session is not up, and while the Echo function does the work, once a second at most. */
export const slowIntervalUs = 1_000_000;

const usPerMs = 1_000;

export function toUs(ms: number): number {
  return Math.round(ms * usPerMs);
}

export function toMs(us: number): number {
  return us / usPerMs;
}

/** §6.8.3: not less than a second until the session is up. */
export function desiredMinTx(parameters: SessionParameters, state: SessionVariables["SessionState"]): number {
  const configured = toUs(parameters.desiredMinTxIntervalMs);
  return state === "Up" ? configured : Math.max(configured, slowIntervalUs);
}

/** §6.8.3: not less than a second while Echo packets come back, which then find a failure sooner. */
export function requiredMinRx(parameters: SessionParameters, isEchoActive: boolean): number {
  const configured = toUs(parameters.requiredMinRxIntervalMs);
  return isEchoActive ? Math.max(configured, slowIntervalUs) : configured;
}

/** §6.8.2: the pace of periodic packets in microseconds, before jitter. */
export function transmitInterval({ inUse, bfd }: Session): number {
  return Math.max(inUse.DesiredMinTxInterval, bfd.RemoteMinRxInterval);
}

/** §6.8.7: a quarter less at most, so that systems do not march in step; with Detect Mult 1 at least a tenth less. */
export function withJitter(interval: number, detectMult: number, random: () => number): number {
  return interval * (0.75 + (detectMult === 1 ? 0.15 : 0.25) * random());
}

/** §6.8.4, Asynchronous mode: how long the peer may be silent, in microseconds; undefined while it was not heard. */
export function detectionTime({ inUse, remote }: Session): number | undefined {
  if (!remote) return undefined;
  return remote.detectMult * Math.max(inUse.RequiredMinRxInterval, remote.desiredMinTxInterval);
}

/** When the peer's silence ends the session. */
export function detectAt(session: Session): number | undefined {
  const time = detectionTime(session);
  if (time === undefined || session.receivedAt === undefined) return undefined;
  return session.receivedAt + toMs(time);
}

/** How long the peer waits for us before it gives up, in microseconds: what a last word should be repeated for. */
export function remoteDetectionTime(session: Session): number {
  return session.bfd.DetectMult * transmitInterval(session);
}

/** §6.8.9: never more often than the peer is ready to loop back, in microseconds; undefined where it does not at all. */
export function echoInterval({ parameters, remote }: Session): number | undefined {
  if (parameters.echoIntervalMs === undefined || !remote?.requiredMinEchoRxInterval) return undefined;
  return Math.max(toUs(parameters.echoIntervalMs), remote.requiredMinEchoRxInterval);
}

export function isEchoActive({ echo }: Session): boolean {
  return echo.detectAt !== undefined;
}

/** §6.6: the peer asked not to be sent periodic packets. */
export function isRemoteDemanding({ bfd }: Session): boolean {
  return bfd.RemoteDemandMode && bfd.SessionState === "Up" && bfd.RemoteSessionState === "Up";
}
