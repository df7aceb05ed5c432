/** Where a member is reached: canonical address text and a port, the same for UDP and TCP. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Minimum, maximum and present version of memberlist's protocol, then of the delegate's (MetalLB has none: 0). */
export type Versions = readonly number[];

/** What memberlist v0.5.1 says with its LAN and WAN profiles: understands 1 to 5, speaks 2. */
export const ownVersions: Versions = [1, 5, 2, 0, 0, 0];

/** An absent source is the empty address and port 0: then the answer goes where the datagram came from. */
export interface Ping {
  readonly type: "ping";
  readonly seqNo: number;
  readonly node: string;
  readonly sourceAddr: string;
  readonly sourcePort: number;
  readonly sourceNode: string;
}

/** "Ping that one for me"; with `nack` the relay also says when it got no answer. */
export interface IndirectPing {
  readonly type: "indirect-ping";
  readonly seqNo: number;
  readonly target: string;
  readonly port: number;
  readonly node: string;
  readonly nack: boolean;
  readonly sourceAddr: string;
  readonly sourcePort: number;
  readonly sourceNode: string;
}

export interface Ack {
  readonly type: "ack";
  readonly seqNo: number;
  readonly payload: Uint8Array;
}

export interface Nack {
  readonly type: "nack";
  readonly seqNo: number;
}

export interface Suspect {
  readonly type: "suspect";
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

export interface Alive {
  readonly type: "alive";
  readonly incarnation: number;
  readonly node: string;
  readonly addr: string;
  readonly port: number;
  readonly meta: Uint8Array;
  readonly vsn: Versions;
}

/** Where `from` is `node` itself, it left. */
export interface Dead {
  readonly type: "dead";
  readonly incarnation: number;
  readonly node: string;
  readonly from: string;
}

/** The states of a member, in the order of their numbers on the wire. */
export const nodeStates = ["alive", "suspect", "dead", "left"] as const;
export type NodeState = (typeof nodeStates)[number];

/** One member in a full exchange of states. */
export interface PushNodeState {
  readonly name: string;
  readonly addr: string;
  readonly port: number;
  readonly meta: Uint8Array;
  readonly incarnation: number;
  readonly state: NodeState;
  readonly vsn: Versions;
}

export interface PushPull {
  readonly type: "push-pull";
  readonly isJoin: boolean;
  readonly nodes: readonly PushNodeState[];
  readonly userState: Uint8Array;
}

/** An application's own message; MetalLB has none, so it is read and left alone. */
export interface UserMessage {
  readonly type: "user";
  readonly payload: Uint8Array;
}

/** Why the other side of a stream refused. */
export interface ErrorMessage {
  readonly type: "error";
  readonly error: string;
}

export type PacketMessage = Ping | IndirectPing | Ack | Nack | Suspect | Alive | Dead | UserMessage;
export type StreamMessage = Ping | Ack | PushPull | UserMessage | ErrorMessage;
export type Message = PacketMessage | StreamMessage;
export type MessageType = Message["type"];
