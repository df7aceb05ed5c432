import { type AddressRange, formatPrefix, formatRange, rangeToPrefixes } from "#core/net/mod.ts";
import type { Report } from "./field_reader.ts";
import { matchesAnySelector } from "./selector.ts";
import type { BfdProfile, BgpAdvertisement, BgpPeer, LabelSelector, NodeLabels, Pool } from "./types.ts";

/** What RFC 4271 §5.1.5 implementations take where nothing is configured. */
const localPrefUnset = 100;

/** An aggregate shorter than the pool's own prefixes would announce addresses that the pool does not have. */
export function checkAggregation(ad: BgpAdvertisement, pools: readonly Pool[], report: Report): void {
  for (const pool of pools) {
    if (!ad.pools.has(pool.name)) continue;
    for (const range of pool.ranges) {
      const isIpv4 = range.first.family === "ipv4";
      const field = isIpv4 ? "aggregationLength" : "aggregationLengthV6";
      const shortest = rangeToPrefixes(range).reduce((a, b) => (b.length < a.length ? b : a));
      if (ad[field] >= shortest.length) continue;
      report(
        `spec.${field}`,
        "advertisement.aggregation-too-short",
        `${ad[field]} is shorter than ${describe(range, formatPrefix(shortest))} of IPAddressPool "${pool.name}", so it would announce addresses outside the pool; allowed are ${shortest.length} to ${isIpv4 ? 32 : 128}`,
      );
    }
  }
}

function describe(range: AddressRange, shortest: string): string {
  const text = formatRange(range);
  return text === shortest ? text : `${shortest}, the largest part of ${text},`;
}

/** Two advertisements that would send one prefix to one peer from one node must agree on LOCAL_PREF. */
export function checkLocalPref(
  ad: BgpAdvertisement,
  older: readonly BgpAdvertisement[],
  pools: readonly Pool[],
  nodes: readonly NodeLabels[] | undefined,
  report: Report,
): void {
  // With serviceSelectors it depends on the Service whether both apply; that is judged when routes are made.
  if (ad.serviceSelectors.length > 0) return;
  for (const other of older) {
    if (other.serviceSelectors.length > 0) continue;
    const [ours, theirs] = [ad.localPref ?? localPrefUnset, other.localPref ?? localPrefUnset];
    if (ours === theirs || !sharePeers(ad, other)) continue;
    if (!shareNodes(ad.nodeSelectors, other.nodeSelectors, nodes)) continue;
    const pool = pools.find(
      (each) => ad.pools.has(each.name) && other.pools.has(each.name) && !lengthsDiffer(ad, other, each),
    );
    if (!pool) continue;
    report(
      "spec.localPref",
      "advertisement.local-pref-conflict",
      `${ours} differs from ${theirs} of the older BGPAdvertisement "${other.name}", and both announce the same prefixes of IPAddressPool "${pool.name}" to a common peer from a common node; give both the same localPref, or different aggregation lengths, peers or nodes`,
    );
    return;
  }
}

function sharePeers(a: BgpAdvertisement, b: BgpAdvertisement): boolean {
  return a.peers.length === 0 || b.peers.length === 0 || a.peers.some((peer) => b.peers.includes(peer));
}

/** Where the nodes are not known, only selectors that certainly overlap do: none at all, or one that both have. */
export function shareNodes(
  a: readonly LabelSelector[],
  b: readonly LabelSelector[],
  nodes: readonly NodeLabels[] | undefined,
): boolean {
  if (nodes) {
    return nodes.some(({ labels }) => matchesAnySelector(a, labels) && matchesAnySelector(b, labels));
  }
  if (a.length === 0 || b.length === 0) return true;
  const texts = new Set(a.map((selector) => JSON.stringify(selector)));
  return b.some((selector) => texts.has(JSON.stringify(selector)));
}

/** Prefixes of different lengths are different routes; in a pool of both families both lengths must differ. */
function lengthsDiffer(a: BgpAdvertisement, b: BgpAdvertisement, pool: Pool): boolean {
  const has = (family: string) => pool.ranges.some((range) => range.first.family === family);
  const differs4 = a.aggregationLength !== b.aggregationLength;
  const differs6 = a.aggregationLengthV6 !== b.aggregationLengthV6;
  return (differs4 || !has("ipv4")) && (differs6 || !has("ipv6"));
}

/** MetalLB's rule: no IPv6 pool goes to a peer whose BFD profile asks for echo packets. */
export function checkEcho(
  ad: BgpAdvertisement,
  pools: readonly Pool[],
  peers: readonly BgpPeer[],
  profiles: readonly BfdProfile[],
  report: Report,
): void {
  const pool = pools.find(
    ({ name, ranges }) => ad.pools.has(name) && ranges.some((range) => range.first.family === "ipv6"),
  );
  if (!pool) return;
  const withEcho = new Set(profiles.filter(({ echoMode }) => echoMode).map(({ name }) => name));
  const peer = peers.find(
    ({ name, bfdProfile }) =>
      bfdProfile !== undefined &&
      withEcho.has(bfdProfile) &&
      (ad.peers.length === 0 || ad.peers.includes(name)),
  );
  if (!peer) return;
  report(
    "spec.peers",
    "advertisement.echo-ipv6",
    `IPAddressPool "${pool.name}" has IPv6 addresses, and BGPPeer "${peer.name}" has BFDProfile "${peer.bfdProfile}" with echoMode, which is not allowed with IPv6; set echoMode to false, or name only other peers`,
  );
}
