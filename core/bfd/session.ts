import type { SessionState } from "./names_table.ts";
import type { ControlPacket } from "./packet.ts";

/** What an administrator sets for one session. */
export interface SessionParameters {
  readonly desiredMinTxIntervalMs: number;
  readonly requiredMinRxIntervalMs: number;
  /** 1 to 255. */
  readonly detectMult: number;
  /** Speaks only once it was spoken to (RFC 5880 §6.1). */
  readonly isPassive: boolean;
  /** Packets with less are dropped: 255 for a single hop (RFC 5881 §5). */
  readonly minimumTtl: number;
  /** How often to send Echo packets at most; absent: none are sent. */
  readonly echoIntervalMs?: number;
  /** How often the peer may send its own; 0: this node does not loop them back. */
  readonly requiredMinEchoRxIntervalMs: number;
}

/** The state variables of RFC 5880 §6.8.1 by their names. Intervals are in microseconds. */
export interface SessionVariables {
  readonly SessionState: SessionState;
  readonly RemoteSessionState: SessionState;
  readonly LocalDiscr: number;
  readonly RemoteDiscr: number;
  /** The code of why the session last went down. */
  readonly LocalDiag: number;
  readonly DesiredMinTxInterval: number;
  readonly RequiredMinRxInterval: number;
  readonly RemoteMinRxInterval: number;
  /** Ours: Demand mode is never asked for. */
  readonly DemandMode: false;
  readonly RemoteDemandMode: boolean;
  readonly DetectMult: number;
  /** Authentication is not in use. */
  readonly AuthType: 0;
}

/** What the peer last said beyond the variables. Intervals are in microseconds. */
export interface RemoteFacts {
  readonly detectMult: number;
  readonly desiredMinTxInterval: number;
  readonly requiredMinEchoRxInterval: number;
  readonly diag: number;
}

/**
 * RFC 5880 §6.5. next: the next packet is the first with the bit; active: Final is awaited; again: another sequence
 * follows, for something changed during this one; pause: a packet without the bit parts the two.
 */
export type PollSequence = "none" | "next" | "active" | "again" | "pause";

/** The Echo function (RFC 5880 §6.8.8, §6.8.9); times of the caller's clock. */
export interface EchoState {
  /** The driver has a way to send them. */
  readonly hasPath: boolean;
  /** Of the last one sent. */
  readonly sequence: number;
  /** One came back in this session's life: the peer does loop them back, so that their loss is a failure. */
  readonly isProven: boolean;
  /** When to send the next; absent while none may be sent. */
  readonly sendAt?: number;
  /** By when one must have come back; absent while they are not counted on. */
  readonly detectAt?: number;
}

/** One BFD session: a value. Times are milliseconds of the caller's clock. */
export interface Session {
  readonly parameters: SessionParameters;
  readonly bfd: SessionVariables;
  /** When the present state began. */
  readonly since: number;
  /** Absent until the peer is heard, and again when it has not been for the Detection Time. */
  readonly remote?: RemoteFacts;
  readonly poll: PollSequence;
  /** What the arithmetic goes by until the peer has confirmed a change that would hurt it (§6.8.3). */
  readonly inUse: { readonly DesiredMinTxInterval: number; readonly RequiredMinRxInterval: number };
  readonly echo: EchoState;
  /** When the last packet arrived that was not discarded. */
  readonly receivedAt?: number;
  readonly sentAt?: number;
  readonly lastSent?: ControlPacket;
  /** When the next periodic packet is due, and the interval that it was counted with, in microseconds. */
  readonly transmitAt?: number;
  readonly transmitInterval?: number;
}

export type SessionEvent =
  /** A packet that passed the rules of reception. */
  | { readonly type: "packet"; readonly packet: ControlPacket }
  /** An Echo packet of this session came back. */
  | { readonly type: "echo"; readonly sequence: number }
  /** Echo packets can be sent, or cannot any more. */
  | { readonly type: "echoPath"; readonly isOpen: boolean }
  /** The administrator changed something; the session stays up (§6.8.3, §6.8.12). */
  | { readonly type: "parameters"; readonly parameters: SessionParameters }
  /** §6.8.16 */
  | { readonly type: "disable" }
  | { readonly type: "enable" };

/** What the driver has to do, in order. */
export type SessionAction =
  | { readonly type: "send"; readonly packet: ControlPacket }
  | { readonly type: "sendEcho"; readonly sequence: number }
  | { readonly type: "state"; readonly from: SessionState; readonly to: SessionState };

/** Time and chance come from outside. */
export interface Context {
  /** Milliseconds of a clock that never goes back. */
  readonly now: number;
  /** Uniform, 0 included, 1 excluded. */
  readonly random: () => number;
}

export type Step = readonly [Session, readonly SessionAction[]];
