import { assert } from "#core/bytes/mod.ts";
import { formatAddress, formatPrefix, type IpAddress } from "#core/net/mod.ts";
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
  /** Ours, of the TCP connection. */
  readonly localAddress: IpAddress;
  readonly families: readonly AddressFamily[];
  /** Octets of the longest message. */
  readonly messageLengthMax: number;
}

/** RFC 4271 leaves it to us; routers agree on this default. */
const defaultLocalPref = 100;

/** Attributes must leave room for prefixes in one message. */
const communitiesMax = 255;

/** What routes of one attribute set have in common: all that the user said of them, apart from the prefix. */
export interface Policy {
  /** Equal for equal policies. */
  readonly key: string;
  readonly nextHop?: IpAddress;
  readonly localPref?: number;
  /** Ascending, without repetition. */
  readonly communities: readonly number[];
  readonly largeCommunities: readonly LargeCommunity[];
}

export function policyKey({ nextHop, localPref, communities }: Route): string {
  if (communities.length === 0 && nextHop === undefined && localPref === undefined) return "";
  const names = [...new Set(communities.map(formatCommunity))].sort();
  return [nextHop ? formatAddress(nextHop) : "", localPref ?? "", ...names].join(" ");
}

export function policyOf(route: Route, key: string): Policy {
  const { nextHop, localPref, communities, prefix } = route;
  assert(
    communities.length <= communitiesMax,
    `route ${formatPrefix(prefix)} carries at most ${communitiesMax} communities`,
  );
  const standard = new Set<number>();
  const large = new Map<string, LargeCommunity>();
  for (const community of communities) {
    if (community.kind === "standard") standard.add(community.value);
    else large.set(formatCommunity(community), community);
  }
  return {
    key,
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

/** The path attributes that a peer is sent (RFC 4271 §5.1): our AS and next hop self, LOCAL_PREF inside the AS only. */
export function exportAttributes(policy: Policy, context: ExportContext): PathAttributes {
  const { isExternal, localAS, localAddress } = context;
  return {
    ORIGIN: "IGP",
    AS_PATH: isExternal ? [{ type: "AS_SEQUENCE", asns: [localAS] }] : [],
    NEXT_HOP: policy.nextHop ?? localAddress,
    ...(!isExternal && { LOCAL_PREF: policy.localPref ?? defaultLocalPref }),
    ...(policy.communities.length > 0 && { COMMUNITIES: policy.communities }),
    ...(policy.largeCommunities.length > 0 && { LARGE_COMMUNITY: policy.largeCommunities }),
  };
}
