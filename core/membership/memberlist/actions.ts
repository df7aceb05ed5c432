import type { WireFault } from "./fault.ts";
import type { Endpoint, NodeState, Versions } from "./messages.ts";

/** A fellow member as others may see it; times are monotonic ms. */
export interface MemberView {
  readonly name: string;
  readonly addr: string;
  readonly port: number;
  readonly meta: Uint8Array;
  readonly vsn: Versions;
  readonly incarnation: number;
  readonly state: NodeState;
  readonly since: number;
  readonly rttMs?: number;
  /** While it is suspected: who says so. */
  readonly accusers?: readonly string[];
}

export type StreamPurpose = "join" | "sync" | "ping";

/** What the driver has to do, in this order. */
export type Action =
  | { readonly type: "datagram"; readonly to: Endpoint; readonly bytes: Uint8Array }
  /** Open a TCP connection, send, read one message, close; the answer comes back with the id. */
  | {
      readonly type: "stream";
      readonly id: number;
      readonly purpose: StreamPurpose;
      readonly to: Endpoint;
      readonly bytes: Uint8Array;
      readonly timeoutMs: number;
    }
  /** Another state, address or metadata; `was` is absent for one never heard of before. */
  | { readonly type: "member"; readonly member: MemberView; readonly was?: NodeState }
  /** The datagram was no message of this ring. */
  | { readonly type: "fault"; readonly fault: WireFault; readonly from: Endpoint }
  /** Two hosts under one name: the one that was first counts. */
  | { readonly type: "conflict"; readonly node: string; readonly held: Endpoint; readonly claimed: Endpoint }
  /** A member speaks a version of the protocol that others do not; its list was not taken over. */
  | { readonly type: "incompatible"; readonly node: string; readonly reason: string }
  /** Another member says why it refused this node's stream. */
  | { readonly type: "refused"; readonly by: Endpoint; readonly error: string }
  /** A join or a sync reached its end. */
  | { readonly type: "exchanged"; readonly with: Endpoint; readonly purpose: StreamPurpose }
  /** Somebody took this node for suspect or dead, which it denied. */
  | { readonly type: "refuted"; readonly accuser: string }
  /** Probes are answered over TCP alone: UDP is blocked on the way. */
  | { readonly type: "tcp-only"; readonly node: string }
  /** This node's leave was told often enough. */
  | { readonly type: "left" };
