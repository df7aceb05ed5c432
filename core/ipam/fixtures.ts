/** Short ways to write pools and claimants, for the tests of this room. */
import type { LabelSelector, Pool, PoolPolicy, Reservation, ServiceAllocation } from "#core/config/mod.ts";
import {
  type AddressRange,
  formatAddress,
  type IpAddress,
  parseAddress,
  parsePrefix,
  prefixToRange,
} from "#core/net/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import {
  type Allocation,
  Allocator,
  type Claimant,
  type FamilyDemand,
  notShared,
  type Refusal,
} from "./mod.ts";

export function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(text);
  return parsed;
}

export function range(text: string): AddressRange {
  const prefix = parsePrefix(text);
  if (prefix) return prefixToRange(prefix);
  const [first, last] = text.split("-").map(address);
  return { first: first as IpAddress, last: last as IpAddress };
}

export interface PoolOptions extends Partial<Omit<Pool, "ranges" | "serviceAllocation" | "policy">> {
  serviceAllocation?: Partial<ServiceAllocation>;
  policy?: Partial<PoolPolicy>;
}

/** `namespace/name=address,address` */
export function reservation(text: string): Reservation {
  const [service = "", list = ""] = text.split("=");
  return { service, addresses: list.split(",").map(address) };
}

export function pool(
  name: string,
  ranges: string[],
  { serviceAllocation, policy, ...options }: PoolOptions = {},
): Pool {
  return {
    name,
    labels: {},
    ranges: ranges.map(range),
    autoAssign: true,
    avoidBuggyIPs: false,
    ...options,
    ...(policy && { policy: { ...noPolicy, ...policy } }),
    ...(serviceAllocation && {
      serviceAllocation: {
        priority: 0,
        namespaces: [],
        namespaceSelectors: [],
        serviceSelectors: [],
        ...serviceAllocation,
      },
    }),
  };
}

const noPolicy: PoolPolicy = { excluded: [], reservations: [], recorded: [], reuseAfterMs: 0 };

export function claimant(name: string, options: Partial<Claimant> = {}): Claimant {
  return {
    service: `default/${name}`,
    namespace: "default",
    namespaceLabels: { "kubernetes.io/metadata.name": "default" },
    labels: {},
    sharing: notShared,
    ...options,
  };
}

export function sharing(key: string, ports = ["80/TCP"], backend = "") {
  return { sharing: { key, backend, ports } };
}

export const ipv4: FamilyDemand = { primary: "ipv4", bothRequired: false };
export const ipv6: FamilyDemand = { primary: "ipv6", bothRequired: false };
export const preferDual: FamilyDemand = { primary: "ipv4", secondary: "ipv6", bothRequired: false };
export const preferDual6: FamilyDemand = { primary: "ipv6", secondary: "ipv4", bothRequired: false };
export const requireDual: FamilyDemand = { primary: "ipv4", secondary: "ipv6", bothRequired: true };

/** `pool: addresses`, or why there are none. */
export function show(result: Allocation | Refusal): string {
  if ("why" in result) return reasonText(result.why);
  return `${result.pool}: ${result.addresses.map(formatAddress).join(" ")}`;
}

export function withPools(...pools: Pool[]): Allocator {
  const allocator = new Allocator();
  allocator.setPools(pools);
  return allocator;
}

export function selector(matchLabels: Record<string, string>): LabelSelector {
  return { matchLabels, matchExpressions: [] };
}
