import type { Prefix } from "#core/net/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";

/** A Service that holds addresses, with what decides whether it can be served and from where. */
export interface AnnouncedService {
  readonly view: ServiceView;
  /** Pool of its addresses. */
  readonly pool: string;
  readonly endpoints: readonly EndpointView[];
  /** Since when a node has had one of them, epoch ms; absent where for long. */
  readonly endpointsSince?: ReadonlyMap<string, number>;
}

/** What is known of every node at the moment of a decision. */
export interface Cluster {
  readonly nodes: readonly NodeFacts[];
  /** `--ignore-exclude-lb`: the exclude label keeps no node away. */
  readonly ignoreExcludeLabel: boolean;
}

export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networkUnavailable: boolean;
  /** A live speaker runs there, as the membership sees it. */
  readonly hasSpeaker: boolean;
  /** `metallb.io/drain` on the Node: others go first, and it stays the last resort. */
  readonly isDraining?: boolean;
  /** What its speaker says of itself; absent for a MetalLB speaker and for one that the ring does not hear. */
  readonly facts?: SpeakerFacts;
}

/**
 * What a speaker says of itself to all others over the ring. An election heeds it only while every live speaker says
 * such, so that a ring mixed with MetalLB's never disagrees.
 */
export interface SpeakerFacts {
  /** Those on which it can answer now: up, with carrier, not excluded. */
  readonly interfaces: readonly { readonly name: string; readonly connected: readonly Prefix[] }[];
  /** More than fit into the message: any interface and any route may be there. */
  readonly isTruncated: boolean;
  /** Epoch seconds by its own clock: since then it has run without being lost. */
  readonly stableSince: number;
  /** How often the ring lost it within the damping window; itself counts what its watchers tell it. */
  readonly flaps: number;
  /** It answers for what it owns; false while its self-check fails. */
  readonly isAnswering: boolean;
}

/** A node's place in an election: 1 announces, 0 is no candidate. */
export interface RankedNode {
  readonly node: string;
  readonly rank: number;
  readonly why: Reason;
}

/** What an election needs to know of a group beyond its Services. */
export interface GroupFacts {
  /** Who announced it last, as the ServiceL2Status of its Services says. */
  readonly incumbent?: string;
  /** Where {@link planSpread} puts it. */
  readonly spread?: SpreadPlace;
}

export interface SpreadPlace {
  readonly first: string;
  /** Who would have room for it next. */
  readonly second?: string;
}

export interface Layer2Election {
  readonly winner?: string;
  /** Interfaces the winner answers on; empty means every usable one. */
  readonly interfaces: readonly string[];
  /** Every node, best first, then those that are no candidates by name. */
  readonly ranking: readonly RankedNode[];
  /** Why nobody announces. */
  readonly blocked?: Reason;
  /** What is asked for and not heeded, for not every live speaker describes itself. */
  readonly note?: Reason;
}

/** A route that a node announces for one address by one advertisement. */
export interface BgpRoute {
  readonly prefix: Prefix;
  readonly advertisement: string;
  /** BGPPeer names; empty means every peer of the node. */
  readonly peers: readonly string[];
  readonly localPref?: number;
  readonly communities: readonly string[];
}

/** Routes of one Service on one node, or why there are none. */
export type BgpAnnouncement =
  | { readonly routes: readonly BgpRoute[]; readonly blocked?: undefined }
  | { readonly routes: readonly []; readonly blocked: Reason };
