/**
 * Who lives: a heartbeat from every speaker to every other, judged on deadlines that are data.
 *
 * ```ts
 * const membership = new Membership({ node: "node1", boot, intervalMs: 150 });
 * membership.setPeers(["node2"], now);
 * membership.expire(membership.nextDeadline()); // [{ type: "send", beat, to: "node2" }]
 * membership.receive(beat, now); // after five in a row: [{ type: "member", node: "node2", state: "alive", … }]
 * ```
 *
 * The ring of watchers with quorum and witness, and memberlist's protocol for mixed rings, are to come; here everybody
 * watches everybody.
 */
export {
  type Boot,
  decodeHeartbeat,
  encodeHeartbeat,
  type Heartbeat,
  type HeartbeatFault,
  heartbeatBytesMax,
} from "./heartbeat.ts";
export { beatsToBelieve, type Member, type MemberEvent, newMember, transition } from "./member.ts";
export { Membership, type MembershipAction, type MembershipOptions, silentIntervals } from "./membership.ts";
