/**
 * Bidirectional Forwarding Detection (RFC 5880) over one hop (RFC 5881) and several (RFC 5883): the packet, the table
 * of reception rules, and the session as a value with deadlines. Asynchronous mode, the Echo function, the peer's
 * Demand mode, the passive role; authentication is off.
 *
 * ```ts
 * let [session, actions] = newSession(parameters, localDiscr, { now, random });
 * const received = receiveControlPacket({ payload, ttl, portMinimumTtl: 255 }, sessions);
 * if ("packet" in received) [session, actions] = transition(session, { type: "packet", packet: received.packet }, { now, random });
 * nextDeadline(session); // when to call expire() at the latest
 * ```
 */

export { type EchoEnds, echoFrame, readEchoFrame, type SeenFrame } from "./echo_frame.ts";
export { decodeEchoPacket, type EchoPacket, encodeEchoPacket } from "./echo_packet.ts";
export { expire, nextDeadline } from "./expire.ts";
export { authenticationName, diagnosticName, type SessionState } from "./names_table.ts";
export { type ControlPacket, decodeControlPacket, encodeControlPacket } from "./packet.ts";
export { bfdPorts, echoEtherTypes, singleHopTtl, sourcePorts } from "./ports.ts";
export { type Arrival, type Received, receiveControlPacket, type SessionIndex } from "./reception.ts";
export { type DiscardReason, receptionTable } from "./reception_table.ts";
export type {
  Context,
  Session,
  SessionAction,
  SessionEvent,
  SessionParameters,
  SessionVariables,
  Step,
} from "./session.ts";
export {
  detectionTime,
  echoInterval,
  isEchoActive,
  remoteDetectionTime,
  toMs,
  transmitInterval,
} from "./timing.ts";
export { newSession, transition } from "./transition.ts";
