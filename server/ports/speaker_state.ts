import type { ConfigIssue } from "#core/config/mod.ts";
import type { BfdSessionRow, BgpSessionRow } from "./bgp.ts";
import type { Instant } from "./common.ts";
import type { AddressConflict, Move } from "./layer2.ts";

/** What a speaker says of itself on `GET /api/v1/state`. */
export interface SpeakerState {
  /** Grows with every change; a reader waits for a larger one with `?after=N`. */
  version: number;
  node: string;
  pod: string;
  build: string;
  startedAt: Instant;
  recordOnly: boolean;
  announcements: {
    address: string;
    services: string[];
    protocol: "layer2";
    interfaces: { name: string; mac: string }[];
    since: Instant;
    gratuitousAt?: Instant;
    requests: number;
    responses: number;
    gratuitous: number;
    /** Elected, and not announced yet: another host may have the address. */
    phase?: "probing";
    /** Answered for until that node does. */
    yieldingTo?: string;
  }[];
  /** Addresses announced over BGP, with the peers each is sent to. */
  routes: { prefix: string; services: string[]; peers: string[]; since: Instant }[];
  sessions: Omit<BgpSessionRow, "node">[];
  /** Counts are those of the last change: they alone wake no reader. Absent: a speaker without BFD. */
  bfd?: BfdSessionRow[];
  members: SpeakerMember[];
  moves: Move[];
  issues: ConfigIssue[];
  /** Next hops of the node's default routes: addresses that no pool should hold. */
  gateways?: string[];
  conflicts?: AddressConflict[];
  /** It runs on what it knew of the cluster then; absent while its copies are live. */
  cachedSince?: Instant;
  /** Rights that the API server denies it. */
  denials?: MissingRight[];
  /** Those of the node that are not excluded by name. */
  interfaces?: SpeakerInterface[];
  facts?: SpeakerFactsState;
  ring?: RingState;
  memberlist?: MemberlistState;
}

export interface MissingRight {
  /** As a Role writes it: `list`. */
  verb: string;
  /** Plural, with the subresource: `services/status`. */
  resource: string;
  since: Instant;
  /** The API server's sentence. */
  message: string;
}

/** A fellow speaker as one speaker sees it. */
export interface SpeakerMember {
  node: string;
  address: string;
  state: "alive" | "dead" | "left";
  since: Instant;
  lastHeardAt?: Instant;
  /** Whose word it is: the ring of watchers, memberlist, or, where neither is heard, the readiness of its Pod. */
  by?: "ring" | "memberlist" | "pod";
  roundTripMs?: number;
}

export interface SpeakerInterface {
  name: string;
  mac: string;
  isUsable: boolean;
  /** Why not: `down`, `no-carrier`, `enslaved`, … */
  unusable?: string;
  addresses: string[];
}

/** What a speaker tells the others of itself. */
export interface SpeakerFactsState {
  interfaces: { name: string; connected: string[] }[];
  isTruncated: boolean;
  /** Since when it has run without being lost. */
  stableSince: Instant;
  /** How often it was lost within the damping window. */
  flaps: number;
  isAnswering: boolean;
}

/** How one speaker takes part in the memberlist ring. */
export interface MemberlistState {
  readonly isListening: boolean;
  readonly address: string;
  /** UDP and TCP. */
  readonly port: number;
  readonly isEncrypted: boolean;
  /** 0 is healthy; each point makes this speaker wait one probe longer before it suspects another. */
  readonly health: number;
  readonly members: readonly {
    readonly node: string;
    readonly address: string;
    readonly port: number;
    readonly state: "alive" | "suspect" | "dead" | "left";
    readonly since: Instant;
    readonly incarnation: number;
    /** Absent for MetalLB's speakers. */
    readonly capability?: number;
    readonly rttMs?: number;
    readonly accusers?: readonly string[];
  }[];
  /** What keeps a peer out, in words: another key, a blocked port, a name that is taken. */
  readonly complaints: readonly {
    readonly peer: string;
    readonly code: string;
    readonly text: string;
    readonly at: Instant;
    readonly count: number;
  }[];
  /** How often it had to deny that it is dead or suspect. */
  readonly refutations: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
}

/** How one speaker takes part in the ring of watchers. */
export interface RingState {
  /** UDP. */
  port: number;
  /** Nobody is heard on the port, though fellow speakers should be. */
  isBlocked: boolean;
  /** Who watches this node, and whom it watches. */
  watchers: string[];
  targets: string[];
  /** 0: its own timers run well; each step more makes it slower to accuse others. */
  awareness: number;
  /** Since it started: it accused others, and others contradicted it. */
  accusations: number;
  vetoes: number;
  /** The last ones it took part in or heard of, newest first. */
  verdicts: {
    at: Instant;
    node: string;
    silentMs?: number;
    accusers: string[];
    /** It rested on the word of the gateway. */
    hasWitness?: boolean;
  }[];
}
