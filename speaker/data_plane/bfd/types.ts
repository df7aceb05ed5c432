import type { DiscardReason, SessionState } from "#core/bfd/mod.ts";

/** One BFD session that the main thread asks for. A change of what is below the line restarts nothing. */
export interface BfdSessionSettings {
  /** Unique on the node; reports name it. */
  key: string;
  /** IPv4 or IPv6 text. */
  address: string;
  /** Sent from; the kernel chooses where it is absent or not an address of this node. */
  localAddress?: string;
  /** Through which the peer is reached; a link-local peer has one. */
  interface?: string;
  /** VRF device. */
  vrf?: string;
  /** UDP 4784 and the profile's minimum TTL (RFC 5883), not 3784 and 255 (RFC 5881). */
  isMultihop: boolean;

  transmitIntervalMs: number;
  receiveIntervalMs: number;
  detectMultiplier: number;
  /** Of a session over several hops. */
  minimumTtl: number;
  passiveMode: boolean;
  /** Over one hop only; not with a link-local peer, whose packets nobody forwards. */
  echoMode: boolean;
  echoIntervalMs: number;
}

/** Since the session began. */
export interface BfdCounters {
  controlIn: number;
  controlOut: number;
  /** Echo packets of ours that came back. */
  echoIn: number;
  echoOut: number;
  up: number;
  down: number;
  /** Packets for the session that a rule of reception dropped. */
  discarded: number;
}

/** How a session stands. */
export interface BfdSessionReport {
  key: string;
  state: SessionState;
  remoteState: SessionState;
  /** Epoch ms; when the present state began. */
  since: number;
  localDiscr: number;
  /** 0: unknown. */
  remoteDiscr: number;
  /** RFC 5880 §4.1 Diag in words, each side's; absent where it is "No Diagnostic". */
  diagnostic?: string;
  remoteDiagnostic?: string;
  /** The pace of our packets; absent while none are sent unasked. */
  transmitIntervalMs?: number;
  /** How long the peer may be silent; absent while it is. */
  detectionTimeMs?: number;
  /** Of Echo packets; absent while none come back. */
  echoIntervalMs?: number;
  /** The last end of the state Up. */
  lastDown?: { at: number; why: string };
  lastDiscard?: { at: number; why: DiscardReason };
  /** Why nothing can be sent. */
  problem?: string;
  counters: BfdCounters;
}
