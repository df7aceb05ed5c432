import type { Pool } from "#core/config/mod.ts";
import type { Family, IpAddress } from "#core/net/mod.ts";
import type { Reason } from "#core/reason/mod.ts";

/** On which terms a Service shares an address with others (annotation allow-shared-ip). */
export interface Sharing {
  /** The annotation's value; "" shares with nobody. */
  readonly key: string;
  /** "" under externalTrafficPolicy Cluster, else the Service's selector in canonical form. */
  readonly backend: string;
  /** `80/TCP`: what only one Service may have on an address. */
  readonly ports: readonly string[];
}

/** Who asks for an address. */
export interface Claimant {
  /** `namespace/name`. */
  readonly service: string;
  readonly namespace: string;
  /** Undefined where the namespace is not known: then no namespaceSelector matches. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly sharing: Sharing;
}

/** Which families an allocation is to have. Addresses of both always come from one pool, and IPv4 first. */
export interface FamilyDemand {
  readonly primary: Family;
  /** Absent under SingleStack. */
  readonly secondary?: Family;
  /** RequireDualStack: both or nothing. PreferDualStack: both, else the primary, else the secondary. */
  readonly bothRequired: boolean;
}

/** One pool that was considered; fits a trace of `core/service`. */
export interface PoolStep {
  readonly stage: "pool";
  readonly subject: string;
  readonly verdict: "chosen" | "skipped" | "blocked";
  readonly why: Reason;
}

/** An address at which something became possible: it is free now, or its holders leave more room for sharing. */
export interface Opening {
  readonly address: IpAddress;
  readonly pool: string;
}

/** What has to open before a refused demand is worth another try. */
export interface WaitsFor {
  readonly pools: readonly string[];
  /** In text form. */
  readonly addresses: readonly string[];
}

export interface Refusal {
  readonly why: Reason;
  readonly trace: readonly PoolStep[];
  readonly waitsFor: WaitsFor;
}

export interface Allocation {
  readonly addresses: readonly IpAddress[];
  readonly pool: string;
  readonly trace: readonly PoolStep[];
  readonly openings: readonly Opening[];
}

/** What became of addresses that a Service has by its status, or is to keep. */
export interface Adoption {
  readonly kept: readonly IpAddress[];
  readonly refused: readonly { readonly address: IpAddress; readonly why: Reason }[];
  readonly openings: readonly Opening[];
}

/** Why a Service has an address that nobody would be given: see Allocator.grace. */
export type Grace = "excluded" | "reserved" | "pool-held" | "removed";

/** What a new list of pools does to those who hold addresses. */
export interface PoolChange {
  /** Addresses that are in no pool any more and that no pool keeps, by Service; they are free of their holders now. */
  readonly left: ReadonlyMap<string, readonly IpAddress[]>;
  /** Services whose address left, or is now another pool's, or whose pool serves others now: to be looked at again. */
  readonly touched: ReadonlySet<string>;
  /** False: the list is what it was. */
  readonly changed: boolean;
}

/** How many addresses a pool has and how many are held, per family; a shared address counts once. */
export interface PoolUse {
  readonly pool: Pool;
  /** Without those that avoidBuggyIPs leaves out and those that are excluded: used, reserved, cooling and free ones. */
  readonly total: Readonly<Record<Family, bigint>>;
  readonly used: Readonly<Record<Family, number>>;
  /** Reserved for a Service, and held by nobody. */
  readonly reserved: Readonly<Record<Family, number>>;
  /** Given back, and not given to others yet (`metallb.io/reuse-after`). */
  readonly cooling: Readonly<Record<Family, number>>;
  /** Never given out (`metallb.io/exclude-addresses`). */
  readonly excluded: Readonly<Record<Family, bigint>>;
  /** Held nonetheless: excluded by now, or in the pool no more (`metallb.io/on-removal`). Not counted in `used`. */
  readonly kept: Readonly<Record<Family, number>>;
  /** Services that hold at least one address of the pool. */
  readonly services: number;
  /** Namespaces that hold addresses under a quota, by name (`metallb.io/quota-per-namespace`); empty without one. */
  readonly quotas: readonly NamespaceHolding[];
}

export interface NamespaceHolding {
  readonly namespace: string;
  readonly held: number;
  /** Infinity where the quota names other namespaces only. */
  readonly limit: number;
}

/** One of the addresses of a Service. */
export interface HeldPart {
  readonly address: IpAddress;
  readonly text: string;
  readonly pool: string;
}

/** One address that somebody holds. */
export interface HeldAddress {
  readonly address: IpAddress;
  readonly pool: string;
  /** `namespace/name`, in the order in which they came. */
  readonly services: readonly string[];
  /** Why nobody would be given it now, where that is so. */
  readonly kept?: "excluded" | "outside";
}

/** A run of addresses for the map of a pool. */
export interface AddressCell {
  readonly first: IpAddress;
  readonly last: IpAddress;
  readonly size: bigint;
  readonly used: number;
  /** `reserved`, `cooling`, `excluded` and `kept` of single addresses only; `kept` is excluded, but held. */
  readonly state: "free" | "used" | "shared" | "avoided" | "reserved" | "cooling" | "excluded" | "kept";
  /** The first holder, where the cell is a single address. */
  readonly holder?: string;
  /** For whom a single address is reserved, held or not. */
  readonly reservedFor?: readonly string[];
  /** Until when a single address cools down, epoch milliseconds. */
  readonly coolsUntilMs?: number;
}
