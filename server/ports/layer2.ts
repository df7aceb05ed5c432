import type { Reason } from "#core/reason/mod.ts";
import type { Instant } from "./common.ts";

export interface Candidate {
  node: string;
  /** 1 is the announcer; 0 is not a candidate. */
  rank: number;
  why: Reason;
}

export interface Layer2Row {
  address: string;
  services: { namespace: string; name: string }[];
  /** What the speakers say: more than one is a conflict, none is an outage. */
  leaders: Layer2Leader[];
  candidates: Candidate[];
  /** Other hosts that speak as the address, and the node that hears them. */
  conflicts?: (AddressConflict & { node: string })[];
  /** What is asked for and not heeded. */
  note?: Reason;
}

/** A node that is to answer for an address, as its speaker says. */
export interface Layer2Leader {
  node: string;
  interfaces: string[];
  /** Of the first interface. */
  mac: string;
  /** Of each interface, in the order of `interfaces`. */
  macs?: string[];
  since: Instant;
  gratuitousAt?: Instant;
  /** Frames received for the address and sent for it since then. */
  counters?: { requests: number; responses: number; gratuitous: number };
  /** "probing": it asks whether somebody else has the address, and does not answer yet. Absent: it answers. */
  phase?: "probing";
  /** It answers until that node says that it does. */
  yieldingTo?: string;
}

export interface Move {
  at: Instant;
  address: string;
  from?: string;
  to?: string;
  why: Reason;
  /** From the last sign of life of the old announcer, or from the decision where none was lost, to the first gratuitous frame. */
  tookMs?: number;
}

/** Another host that speaks as an address which a node of the cluster announces, or is to. */
export interface AddressConflict {
  address: string;
  /** Of the other host. */
  mac: string;
  /** Of the node's interface. */
  ownMac: string;
  interface: string;
  /** "probe": it answered before the node announced the address, which waits for that host to give it up. */
  phase: "probe" | "owned";
  since: Instant;
  /** When it was heard last. */
  lastAt: Instant;
}
