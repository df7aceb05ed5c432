import type { Instant } from "./common.ts";
import type { AddressConflict } from "./layer2.ts";
import type { RingState, SpeakerFactsState, SpeakerInterface, SpeakerMember } from "./speaker_state.ts";

export interface SpeakerRow {
  node: string;
  pod: string;
  address: string;
  /** False: did not answer; `lastSeen` and `error` say since when and how. */
  answers: boolean;
  lastSeen?: Instant;
  error?: string;
  version?: string;
  startedAt?: Instant;
  announcedLayer2: number;
  announcedBgp: number;
  sessionsUp: number;
  sessionsTotal: number;
  members: number;
  /** Of the live ones, how many are vouched for by the ring, by memberlist, by their Pod's readiness alone. */
  membersBy?: { ring: number; memberlist: number; pod: number };
  /** `metallb.io/drain` on its Node. */
  isDraining?: boolean;
  /** Nobody is heard on the ring's port, though others are there. */
  isRingBlocked?: boolean;
  /** Since when it runs on what it knew of the cluster, as the API server is away from it. */
  cachedSince?: Instant;
  /** Records what it would announce, for want of privileges. */
  recordOnly: boolean;
}

/** One speaker with everything that it says of itself and of its fellows. */
export interface SpeakerDetail extends SpeakerRow {
  interfaces: SpeakerInterface[];
  fellows: SpeakerMember[];
  ring?: RingState;
  conflicts: AddressConflict[];
  /** What it tells the others of itself; absent while it does not. */
  facts?: SpeakerFactsState;
}

/** How the speakers of the cluster watch one another. */
export interface MembershipSummary {
  /** Drain, damping, failback, spread and interfaces are heeded only while every live speaker describes itself. */
  extras: { inForce: boolean; silent: string[] };
  /** Nodes whose ring port hears nobody: what they lead is taken over by memberlist's verdict only. */
  ringBlocked: { node: string; port: number }[];
}
