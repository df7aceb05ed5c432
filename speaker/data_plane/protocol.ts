/**
 * What the main thread and the data-plane worker say to one another, by MessagePort; the main thread rings the
 * worker's eventfd after each command. All values survive structured clone.
 */
import type { MessagePort } from "node:worker_threads";
import type { UnusableReason } from "#core/l2/mod.ts";
import type { RingState } from "#core/membership/ring/mod.ts";
import type { Mac } from "#core/net/mod.ts";
import type { BfdSessionReport, BfdSessionSettings } from "./bfd/types.ts";

/** An IPv4 or IPv6 address as text; reports name it as it is written here. */
export interface OwnedAddress {
  address: string;
  /** Exact names; empty means every usable interface. */
  interfaces: string[];
  /** Asked for on the network before it is answered for: no speaker had it before (RFC 5227 §2.1.1, RFC 4862 §5.4). */
  isProbed?: boolean;
  /**
   * Make before break: this node answers only until that one says that it does. It is offered the address; when it
   * claims it, or does not within {@link yieldLimitMs}, the address is given up.
   */
  yieldingTo?: string;
}

/** An address this node takes at once, without asking the main thread, when the ring finds `behind` dead or gone. */
export interface StandbyAddress {
  address: string;
  interfaces: string[];
  behind: string;
}

/** A planned move is abandoned to the new announcer after this long, whether or not it confirmed. */
export const yieldLimitMs = 10_000;

export interface HeartbeatPeer {
  node: string;
  /** IPv4 or IPv6 text. */
  address: string;
  port: number;
  /** `topology.kubernetes.io/zone` of its node: watchers are chosen over different ones. */
  zone?: string;
}

export type Command =
  /**
   * The whole set this node must answer for; the worker acts on the difference and announces what is new. An address is
   * probed only when it is new. `verdicts` is how many `member` reports of the dead and the gone were heeded in it (all,
   * where it is absent): what the worker took because of a later one it keeps.
   */
  | { type: "own"; addresses: OwnedAddress[]; verdicts?: number }
  /** The whole set this node would take over as the first in line. */
  | { type: "standby"; addresses: StandbyAddress[] }
  /** Who takes over from this node, most addresses first: whoever finds it dead tells these first. */
  | { type: "heirs"; nodes: string[] }
  /** Everybody else's heartbeat endpoint; members that are gone from the list are forgotten. */
  | { type: "peers"; peers: HeartbeatPeer[] }
  /** Sends the gratuitous burst again, after a partition healed. */
  | { type: "announce"; addresses: string[] }
  /** The whole set; what differs in its pace alone is agreed on with the peer and stays up. */
  | { type: "bfd"; sessions: BfdSessionSettings[] }
  /**
   * Says goodbye to the peers, goes on answering until every address is claimed by another or `graceMs` are over, then
   * closes every socket and ends.
   */
  | { type: "stop"; graceMs: number };

/**
 * What goes over the channel: as {@link Command}, but of the whole set only what is new or other and what is gone, in
 * pieces, so that requests are answered between them.
 */
export type WireCommand = Exclude<Command, { type: "own" }> | ({ type: "own" } & OwnChange);

export interface OwnChange {
  wanted: OwnedAddress[];
  unwanted: string[];
  isLast: boolean;
  verdicts: number;
}

export interface InterfaceState {
  name: string;
  index: number;
  /** Empty where the interface has no Ethernet address. */
  mac: Mac;
  isUp: boolean;
  hasCarrier: boolean;
  /** Answers are sent on it: up, carrier, broadcast, no master, not NOARP, not excluded by name. */
  isUsable: boolean;
  /** Why not, where it is not. */
  unusable?: UnusableReason;
  addresses: string[];
}

export interface AddressCounters {
  address: string;
  /** ARP requests or Neighbor Solicitations received for the address on a matching interface, whether answered or not. */
  requests: number;
  responses: number;
  gratuitous: number;
  /** Epoch ms of the last gratuitous frame. */
  gratuitousAt?: number;
}

export type Report =
  | { type: "ready" }
  /**
   * Once after the first `peers` command: every live peer has had the time to be heard, so an address for which this
   * node comes first among the living may be owned. Before it, a node that just started believes it is alone.
   */
  | { type: "settled"; at: number }
  /** All interfaces but those excluded by name, after each change. */
  | { type: "interfaces"; interfaces: InterfaceState[] }
  /** The first gratuitous frame of an address went out on an interface; told again when another, or its MAC, is new. */
  | { type: "announced"; address: string; interfaces: { name: string; mac: Mac }[]; at: number }
  /** A peer fell silent, left, or is heard (again). `lastHeardAt` is the last sign of life, epoch ms. */
  | { type: "member"; node: string; state: "alive" | "dead" | "left"; lastHeardAt: number; at: number }
  /** The ring as this node sees it, at most twice a second, when it changed; times are epoch ms. */
  | { type: "ring"; ring: RingState }
  /** What a speaker says of itself, as `decodeSpeakerFacts` reads it; this node's own too, when they change. */
  | { type: "facts"; node: string; facts: Uint8Array }
  /** A standby address was taken because `from` died: the main thread's next `own` should hold it. */
  | { type: "taken"; address: string; from: string; at: number }
  /** An address that was yielded is answered no longer. */
  | { type: "released"; address: string; to: string; why: "claimed" | "limit"; at: number }
  /**
   * Another host spoke as an owned address, at most once a second for each address and host; "probe": it answered
   * before the address was ever announced.
   */
  | {
      type: "conflict";
      address: string;
      mac: Mac;
      /** Of this node's interface. */
      ownMac: Mac;
      interface: string;
      phase: "probe" | "owned";
      at: number;
    }
  /** The check "owned, so answered" failed, or holds again; the node's facts say so to the others. */
  | { type: "self-check"; isPassed: boolean; message: string; at: number }
  /** Those that changed, each at most twice a second; with many in pieces. */
  | { type: "counters"; addresses: AddressCounters[] }
  /** BFD sessions whose state changed, at once; others whose counts did, at most twice a second. */
  | { type: "bfd"; sessions: BfdSessionReport[] }
  /** Something the world did: an interface that cannot be opened, a send that failed. Bounded in rate. */
  | { type: "problem"; message: string };

/** Handed to the worker at its start. */
export interface WorkerOptions {
  node: string;
  /** Address and UDP port for heartbeats. */
  heartbeatAddress: string;
  heartbeatPort: number;
  /** 32 bytes; heartbeats are authenticated with it (HMAC-SHA-256). */
  heartbeatKey: Uint8Array;
  heartbeatIntervalMs: number;
  /** How often an announced address is said again, so that switches do not forget it; Infinity: never. */
  gratuitousRefreshMs: number;
  /** Interfaces never used for announcing, as regular expressions (metallb-excludel2). */
  excludedInterfaces: string[];
}

/** What the worker finds in its `workerData`. */
export interface WorkerData {
  options: WorkerOptions;
  /** Its end of the channel for commands and reports. */
  port: MessagePort;
  /** The eventfd that is rung after each command. */
  bell: number;
}
