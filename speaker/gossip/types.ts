import type { MemberlistSettings, NodeState } from "#core/membership/memberlist/mod.ts";
import type { Clock, Logger } from "#io/mod.ts";
import type { Complaint } from "./complaints.ts";

export interface GossipOptions {
  /** `spec.nodeName`: MetalLB matches members with nodes by it. */
  readonly node: string;
  /** Bound to, and told to others. */
  readonly address: string;
  /** UDP and TCP; MetalLB's is 7946. */
  readonly port: number;
  readonly settings: MemberlistSettings;
  /** The Secret's text as it stands in the file; absent or empty: in the clear, with a warning. */
  readonly secret?: Uint8Array;
  /** UDP port of the ring of watchers, told to our other speakers. */
  readonly fastPort: number;
  readonly log: Logger;
  readonly clock?: Clock;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** A fellow speaker as the gossip knows it. */
export interface GossipMember {
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly state: NodeState;
  /** Epoch ms of the present state. */
  readonly since: number;
  readonly incarnation: number;
  /** Versions of memberlist's protocol that it understands and speaks: minimum, maximum, present. */
  readonly protocol: readonly number[];
  /** One of our speakers: 1; absent for MetalLB's. */
  readonly capability?: number;
  readonly fastPort?: number;
  /** Of the last direct probe. */
  readonly rttMs?: number;
  /** While it is suspect: who says so. */
  readonly accusers?: readonly string[];
}

export interface GossipChange {
  readonly member: GossipMember;
  /** Absent for one never heard of before. */
  readonly was?: NodeState;
}

/** For `/api/v1/state`. */
export interface GossipState {
  readonly isListening: boolean;
  readonly address: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  /** 0 is healthy; each point makes this node wait longer before it suspects others. */
  readonly health: number;
  readonly members: readonly GossipMember[];
  readonly complaints: readonly Complaint[];
  /** How often this node had to deny that it is dead or suspect. */
  readonly refutations: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
}
