import type { AddressRange, IpAddress } from "#core/net/mod.ts";
import type { L2Policy } from "./l2_policy.ts";
import type { PoolPolicy } from "./pool_policy.ts";

/** A metallb.io object as the API server stores it; only these parts are read. */
export interface Resource {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly generation?: number;
    readonly creationTimestamp?: string;
  };
  readonly spec?: unknown;
}

/** Every object of the API group in the controller's namespace, in any order. */
export interface ConfigResources {
  readonly pools: readonly Resource[];
  readonly l2Advertisements: readonly Resource[];
  readonly bgpAdvertisements: readonly Resource[];
  readonly peers: readonly Resource[];
  readonly bfdProfiles: readonly Resource[];
  readonly communities: readonly Resource[];
  /**
   * Labels of the cluster's nodes, or of the own node, where they are known: advertisements with different localPref,
   * and peers of one address, conflict only on a node that both select. Without them a conflict is reported only where
   * the selectors certainly overlap.
   */
  readonly nodes?: readonly NodeLabels[];
  /**
   * The Secrets of the namespace, for whoever needs the passwords of BGPPeers; why they cannot be read, where they
   * cannot. Absent: passwordSecret is not looked up.
   */
  readonly secrets?: readonly SecretFacts[] | { readonly unreadable: string };
}

/** What a BGPPeer's passwordSecret is judged by. */
export interface SecretFacts {
  readonly name: string;
  readonly type: string;
  /** The decoded value of the key `password`; absent where the Secret has none. */
  readonly password?: string;
}

export interface NodeLabels {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One thing wrong with one object: where, a stable code, and a sentence that says what is wrong and what is allowed. */
export interface ConfigIssue {
  readonly kind: string;
  readonly name: string;
  /** JSON path inside the object, such as `spec.addresses[1]`. */
  readonly path: string;
  /** Stable, such as `pool.range-malformed` or `pool.overlap`. */
  readonly code: string;
  readonly message: string;
}

/** metav1.LabelSelector, parsed; an empty one matches everything. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    readonly values: readonly string[];
  }[];
}

export interface ServiceAllocation {
  /** Lower is served first; 0 is last. */
  readonly priority: number;
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
  readonly serviceSelectors: readonly LabelSelector[];
}

export interface Pool {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In the order they were declared. */
  readonly ranges: readonly AddressRange[];
  readonly autoAssign: boolean;
  readonly avoidBuggyIPs: boolean;
  readonly serviceAllocation?: ServiceAllocation;
  /** Absent where no annotation asks for one. */
  readonly policy?: PoolPolicy;
}

interface Advertisement {
  readonly name: string;
  /** Names of the pools it covers: named, selected by label, or all where it names and selects none. */
  readonly pools: ReadonlySet<string>;
  /** As written, whether or not such pools exist; absent where it names none. */
  readonly ipAddressPools?: readonly string[];
  readonly ipAddressPoolSelectors?: readonly LabelSelector[];
  /** Any of them; none selects every node. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** Any of them; none selects every Service. */
  readonly serviceSelectors: readonly LabelSelector[];
}

export interface L2Advertisement extends Advertisement {
  /** Exact interface names; none means all. */
  readonly interfaces: readonly string[];
  readonly preferredNodeSelectors: readonly { readonly weight: number; readonly preference: LabelSelector }[];
  /** Absent where no annotation asks for one. */
  readonly policy?: L2Policy;
}

/** RFC 1997 communities as `A:B`, RFC 8092 large ones as `large:X:Y:Z`; aliases are already resolved. */
export type CommunityText = string;

export interface BgpAdvertisement extends Advertisement {
  readonly aggregationLength: number;
  readonly aggregationLengthV6: number;
  /** Sent to iBGP peers only; undefined where not set. */
  readonly localPref?: number;
  readonly communities: readonly CommunityText[];
  /** BGPPeer names; none means every peer. */
  readonly peers: readonly string[];
}

export interface BgpPeer {
  readonly name: string;
  readonly myASN: number;
  readonly peerASN?: number;
  readonly dynamicASN?: "internal" | "external";
  readonly localASN?: number;
  readonly peerAddress?: IpAddress;
  readonly interface?: string;
  readonly sourceAddress?: IpAddress;
  readonly peerPort: number;
  readonly holdTimeMs?: number;
  readonly keepaliveTimeMs?: number;
  readonly connectTimeMs?: number;
  readonly routerID?: IpAddress;
  readonly nodeSelectors: readonly LabelSelector[];
  /** As written, or from the Secret that `passwordSecret` names. Never to be logged. */
  readonly password?: string;
  readonly passwordSecret?: string;
  readonly bfdProfile?: string;
  readonly enableGracefulRestart: boolean;
  readonly ebgpMultiHop: boolean;
  readonly vrf?: string;
  readonly dualStackAddressFamily: boolean;
  /** Who dials, where it is not this side alone. By annotation, as the rest. */
  readonly connection?: "passive" | "both";
  readonly isTtlSecured?: boolean;
  readonly gracefulShutdownMs?: number;
  readonly longLivedStaleSeconds?: number;
}

export interface BfdProfile {
  readonly name: string;
  readonly receiveIntervalMs: number;
  readonly transmitIntervalMs: number;
  readonly echoIntervalMs: number;
  readonly detectMultiplier: number;
  readonly minimumTtl: number;
  readonly echoMode: boolean;
  readonly passiveMode: boolean;
}

/** All accepted objects. A rejected object is missing here and stands in the issues instead. */
export interface Config {
  readonly pools: readonly Pool[];
  readonly l2Advertisements: readonly L2Advertisement[];
  readonly bgpAdvertisements: readonly BgpAdvertisement[];
  readonly peers: readonly BgpPeer[];
  readonly bfdProfiles: readonly BfdProfile[];
}
