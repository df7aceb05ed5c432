import type { Instant } from "./common.ts";

/** Addresses of one family in a pool: free are `total` without used, reserved and cooling. */
export interface PoolCounts {
  /** Decimal text, for an IPv6 pool outgrows a number; without those avoided and excluded. */
  total: string;
  /** Distinct addresses that are held. */
  used: number;
  /** Kept for a Service by name and held by nobody (metallb.io/reservations, metallb.io/reserve). Absent: 0. */
  reserved?: number;
  /** Given back, and not given to others yet (metallb.io/reuse-after). Absent: 0. */
  cooling?: number;
  /** Never given out, decimal text (metallb.io/exclude-addresses). Absent: 0. */
  excluded?: string;
  /** Held although excluded, or in the pool no more (metallb.io/on-removal: keep); not in `used`. Absent: 0. */
  kept?: number;
}

export interface PoolSummary {
  name: string;
  /** As declared: `192.168.1.240-192.168.1.250`. */
  ranges: string[];
  autoAssign: boolean;
  avoidBuggyIPs: boolean;
  ipv4: PoolCounts;
  ipv6: PoolCounts;
  /** Services waiting that only this pool could serve are not attributed; this counts holders. */
  serviceCount: number;
  /** Names of the advertisements that cover the pool; a pool without one is unreachable. */
  l2Advertisements: string[];
  bgpAdvertisements: string[];
  /** `spec.serviceAllocation`: the only Services that the pool serves. Absent: every Service. */
  allocation?: PoolAllocation;
}

/** Whom a pool serves: a Service of one of the namespaces or of a selected one, and with one of the labels. */
export interface PoolAllocation {
  /** Lower is asked first; 0 (unset) last. */
  priority: number;
  /** Names. */
  namespaces: string[];
  /** Label selectors as `kubectl -l` takes them. */
  namespaceSelectors: string[];
  serviceSelectors: string[];
}

/** What the annotations of a pool ask for, as it is in force; what is absent is not asked for. */
export interface PoolPolicies {
  /** Addresses and ranges (metallb.io/exclude-addresses). */
  excluded?: string[];
  /** Of the annotation metallb.io/reservations, or asked for by Services themselves (metallb.io/reserve). */
  reservations?: { namespace: string; name: string; addresses: string[]; by: "pool" | "service" }[];
  /** metallb.io/reuse-after. */
  reuseAfterMs?: number;
  /** metallb.io/quota-per-namespace: most addresses of a namespace; `others` is for those that are not named. */
  quota?: { namespaces: { namespace: string; limit: number }[]; others?: number };
  /** metallb.io/on-removal. */
  onRemoval?: "keep" | "release";
}

/** One address that somebody holds. */
export interface AddressHolder {
  address: string;
  pool: string;
  services: { namespace: string; name: string; ports: string[] }[];
  /** Nodes that announce it now. */
  announcers: { node: string; protocol: "layer2" | "bgp" }[];
  /** The pool excludes the address by now, or has it no more: its holders keep it until they give it up. */
  kept?: "excluded" | "outside";
}

/** A run of addresses for the map: single cells where the pool is small, blocks where it is large. */
export interface MapCell {
  first: string;
  last: string;
  /** Decimal text. */
  size: string;
  used: number;
  /** `reserved`, `cooling`, `excluded` and `kept` (excluded, but held) stand in cells of one address only. */
  state: "free" | "used" | "shared" | "avoided" | "reserved" | "cooling" | "excluded" | "kept";
  holder?: { namespace: string; name: string };
  /** For whom the address is reserved, whether or not it is held. */
  reservedFor?: { namespace: string; name: string }[];
  /** Until when it cools down. */
  coolsUntil?: Instant;
}

export interface PoolDetail extends PoolSummary {
  /** At most 4,096 cells; see `cellSize`. */
  cells: MapCell[];
  /** Addresses a cell stands for, decimal text: "1" in a small pool. */
  cellSize: string;
  holders: AddressHolder[];
  /** Absent where no annotation asks for one. */
  policies?: PoolPolicies;
}
