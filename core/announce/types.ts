import type { Prefix } from "#core/net/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";

/** A Service that holds addresses, with what decides whether it can be served and from where. */
export interface AnnouncedService {
  readonly view: ServiceView;
  /** Pool of its addresses. */
  readonly pool: string;
  readonly endpoints: readonly EndpointView[];
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
}

/** A node's place in an election: 1 announces, 0 is no candidate. */
export interface RankedNode {
  readonly node: string;
  readonly rank: number;
  readonly why: Reason;
}

export interface Layer2Election {
  readonly winner?: string;
  /** Interfaces the winner answers on; empty means every usable one. */
  readonly interfaces: readonly string[];
  /** Every node, best first, then those that are no candidates by name. */
  readonly ranking: readonly RankedNode[];
  /** Why nobody announces. */
  readonly blocked?: Reason;
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
