import { type Family, formatAddress, type IpAddress } from "#core/net/mod.ts";
import {
  type AddressFamily,
  type CodecContext,
  formatCommunity,
  type LargeCommunity,
  type PathAttributes,
} from "../codec/mod.ts";
import type { Route } from "./route.ts";

/** What the routes' attributes depend on, as long as a session lasts. */
export interface ExportContext extends CodecContext {
  readonly localAS: number;
  /**
   * Ours, for routes that name none (next hop self). For IPv6 routes the global address, and after it the link-local
   * one where the peer shares our link (RFC 2545 §3); IPv6 addresses for IPv4 routes where both sides agreed on RFC
   * 8950. Routes of a family without one are not announced.
   */
  readonly nextHops: NextHops;
  readonly families: readonly AddressFamily[];
  /** Octets of the longest message. */
  readonly messageLengthMax: number;
  /** What we announce is about to go (RFC 8326). */
  readonly gracefulShutdown?: boolean;
}

export type NextHops = Readonly<Partial<Record<Family, readonly IpAddress[]>>>;

/** RFC 4271 leaves it to us; routers agree on this default. */
const defaultLocalPref = 100;

/** RFC 8326 §5 */
const GRACEFUL_SHUTDOWN = 0xffff0000;

/** What routes of one attribute set have in common: all that the user said of them, apart from the prefix. */
export interface Policy {
  /** Equal for equal policies. */
  readonly key: string;
  /** Of the prefixes: families never share an UPDATE. */
  readonly family: Family;
  readonly nextHop?: IpAddress;
  readonly localPref?: number;
  /** Ascending, without repetition. */
  readonly communities: readonly number[];
  readonly largeCommunities: readonly LargeCommunity[];
}

export function policyKey({ prefix, nextHop, localPref, communities }: Route): string {
  const { family } = prefix.address;
  if (communities.length === 0 && nextHop === undefined && localPref === undefined) return family;
  const names = [...new Set(communities.map(formatCommunity))].sort();
  return [family, nextHop ? formatAddress(nextHop) : "", localPref ?? "", ...names].join(" ");
}

export function policyOf(route: Route, key: string): Policy {
  const { nextHop, localPref, communities, prefix } = route;
  const standard = new Set<number>();
  const large = new Map<string, LargeCommunity>();
  for (const community of communities) {
    if (community.kind === "standard") standard.add(community.value);
    else large.set(formatCommunity(community), community);
  }
  return {
    key,
    family: prefix.address.family,
    ...(nextHop && { nextHop }),
    ...(localPref !== undefined && { localPref }),
    communities: [...standard].sort((a, b) => a - b),
    largeCommunities: [...large.values()].sort(compareLarge),
  };
}

function compareLarge(a: LargeCommunity, b: LargeCommunity): number {
  return (
    a.globalAdministrator - b.globalAdministrator ||
    a.localData1 - b.localData1 ||
    a.localData2 - b.localData2
  );
}

/** Where the routes point to in this session; undefined where it has no next hop that they may have. */
export function nextHopsOf({ family, nextHop }: Policy, { nextHops }: ExportContext) {
  const own = nextHops[family];
  if (!nextHop) return own;
  return nextHop.family === family || nextHop.family === own?.[0]?.family ? [nextHop] : undefined;
}

/** RFC 4760 for IPv6; RFC 8950 for IPv4 with a next hop of IPv6; otherwise as in RFC 4271. */
export function isMultiprotocol(family: Family, nextHops: readonly IpAddress[] | undefined): boolean {
  return family === "ipv6" || nextHops?.[0]?.family === "ipv6";
}

/**
 * The path attributes that a peer is sent (RFC 4271 §5.1): our AS and next hop self, LOCAL_PREF inside the AS only.
 * Where routes travel in MP_REACH_NLRI, that attribute has the next hop and comes on top.
 */
export function exportAttributes(policy: Policy, context: ExportContext): PathAttributes {
  const { isExternal, localAS, gracefulShutdown = false } = context;
  const communities = gracefulShutdown
    ? [...new Set([...policy.communities, GRACEFUL_SHUTDOWN])].sort((a, b) => a - b)
    : policy.communities;
  // RFC 8326 §4.2: in the own AS nobody prefers it, whether or not the community is heeded.
  const localPref = gracefulShutdown ? 0 : (policy.localPref ?? defaultLocalPref);
  const hops = nextHopsOf(policy, context);
  const NEXT_HOP = isMultiprotocol(policy.family, hops) ? undefined : hops?.[0];
  return {
    ORIGIN: "IGP",
    AS_PATH: isExternal ? [{ type: "AS_SEQUENCE", asns: [localAS] }] : [],
    ...(NEXT_HOP && { NEXT_HOP }),
    ...(!isExternal && { LOCAL_PREF: localPref }),
    ...(communities.length > 0 && { COMMUNITIES: communities }),
    ...(policy.largeCommunities.length > 0 && { LARGE_COMMUNITY: policy.largeCommunities }),
  };
}
