import type { Instant } from "./common.ts";

export interface BgpMessageCounts {
  opens: number;
  updates: number;
  notifications: number;
  keepalives: number;
  routeRefreshes: number;
}

export interface BgpSessionRow {
  node: string;
  /** BGPPeer name. */
  peer: string;
  address: string;
  port: number;
  myASN: number;
  peerASN?: number;
  /** RFC 4271 §8.2.2: Idle, Connect, Active, OpenSent, OpenConfirm, Established. */
  state: "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm" | "Established";
  /** When the present state began. */
  since: Instant;
  /** Of the last Established period. */
  uptimeMs?: number;
  holdTimeMs?: number;
  keepaliveTimeMs?: number;
  prefixesSent: number;
  prefixesReceived: number;
  /** In words, such as `NOTIFICATION received: OPEN Message Error, Bad Peer AS`. */
  lastError?: { at: Instant; text: string };
  flaps: number;
  capabilities: string[];
  /** Absent where no BFDProfile watches the peer, and until something is heard of it. */
  bfd?: "up" | "down" | "adminDown";
  /** The BFD session that watches the peer; the console has it from {@link SpeakerState.bfd}. */
  bfdSession?: BfdSessionRow;
  /** Absent in the default VRF. */
  vrf?: string;
  /** Nothing is tried: an unnumbered peer's address is not known yet. */
  isWaiting?: boolean;
  /** By family, those that the session carries; absent while it is not Established. */
  families?: { family: "ipv4" | "ipv6"; sent: number; received: number }[];
  /** What the peer calls itself (FQDN capability). */
  peerName?: string;
  /** Prefixes still to be told. */
  pending?: number;
  messages?: { sent: BgpMessageCounts; received: BgpMessageCounts };
  /** The last messages in words, oldest first; KEEPALIVEs are only counted. */
  log?: { at: Instant; direction: "sent" | "received"; text: string }[];
}

/** One BFD session of a node (RFC 5880). */
export interface BfdSessionRow {
  /** Names of the BGPPeers that it watches: those with the same address share it. */
  peers: string[];
  address: string;
  interface?: string;
  /** "" is the default VRF. */
  vrf: string;
  /** RFC 5883, on UDP 4784; else one hop, RFC 5881. */
  isMultihop: boolean;
  /** RFC 5880 §6.2, this side's and what the peer says of its own. */
  state: "AdminDown" | "Down" | "Init" | "Up";
  remoteState: "AdminDown" | "Down" | "Init" | "Up";
  since: Instant;
  localDiscr: number;
  /** 0: the peer is not heard. */
  remoteDiscr: number;
  /** RFC 5880 §4.1 Diag in words: why this side, and the peer, last went down. */
  diagnostic?: string;
  remoteDiagnostic?: string;
  /** Of our control packets; absent while none are sent unasked. */
  transmitIntervalMs?: number;
  /** How long the peer may be silent; absent while it is. */
  detectionTimeMs?: number;
  /** Of Echo packets; absent while none come back. */
  echoIntervalMs?: number;
  /** The last end of the state Up. */
  lastDown?: { at: Instant; why: string };
  /** The last packet of the peer that a rule of reception dropped. */
  lastDiscard?: { at: Instant; why: string };
  /** Why nothing can be sent, or not as it was asked for. */
  problem?: string;
  counters: {
    controlIn: number;
    controlOut: number;
    echoIn: number;
    echoOut: number;
    up: number;
    down: number;
    discarded: number;
  };
}
