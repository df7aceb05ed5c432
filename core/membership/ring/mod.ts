/**
 * The ring of watchers, layer B of membership: each speaker sends a heartbeat to five others, which find it dead
 * within four intervals, agree on it, and tell everybody. The protocol stands in `messages_types.ts`, the judgement in
 * `watch.ts`, and how a false death heals in `standings.ts`.
 *
 * ```ts
 * const ring = new Ring({ node: "node1", boot, intervalMs: 150, startedAt, random });
 * ring.setPeers([{ node: "node2" }], now);
 * ring.expire(ring.nextDeadline()); // [{ type: "send", to: "node2", datagram: { message: { kind: "beat", … } } }]
 * ring.receive(datagram, now); // after five in a row: [{ type: "member", node: "node2", state: "alive", … }]
 * ```
 */
export {
  type Datagram,
  type DatagramFault,
  datagramBytesMax,
  decodeDatagram,
  encodeDatagram,
  payloadBytesMax,
  proofBytes,
} from "./datagram.ts";
export { type Boot, type NodeId, nodeId } from "./identity.ts";
export type { Message, MessageKind, MessageOf } from "./messages_types.ts";
export type { RingOptions } from "./parts.ts";
export type { RingAction } from "./post.ts";
export { Ring } from "./ring.ts";
export type { RingPeer } from "./roster.ts";
export type { MemberState } from "./standing.ts";
export type { RingMemberState, RingState } from "./state.ts";
export { beatsToBelieve, silentIntervals, type Timing, timingOf, watchersPerNode } from "./timing.ts";
export type { Verdict } from "./verdict_log.ts";
export type { WitnessAnswer } from "./witness.ts";
