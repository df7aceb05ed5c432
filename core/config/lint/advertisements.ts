import { type ReasonCode, type ReasonParams, reason } from "#core/reason/mod.ts";
import { matchesAnySelector } from "../selector.ts";
import type { BgpAdvertisement, Config, L2Advertisement, LabelSelector } from "../types.ts";
import type { ConfigFinding, LintFacts, ServiceFacts } from "./types.ts";

/** Names and selectors of advertisements and peers that find nothing, and aggregates that attract what they drop. */
export function lintAdvertisements(config: Config, facts: LintFacts): ConfigFinding[] {
  const pools = new Set(config.pools.map(({ name }) => name));
  const peers = new Set(config.peers.map(({ name }) => name));
  return [
    ...config.l2Advertisements.flatMap((ad) => lintSelection("L2Advertisement", ad, pools, facts)),
    ...config.bgpAdvertisements.flatMap((ad) => [
      ...lintSelection("BGPAdvertisement", ad, pools, facts),
      ...lintPeers(ad, peers),
      ...lintAggregation(ad, facts.services ?? []),
    ]),
    ...config.peers.flatMap(({ name, nodeSelectors }) => lintNodes("BGPPeer", name, nodeSelectors, facts)),
  ];
}

function lintSelection(
  kind: string,
  ad: L2Advertisement | BgpAdvertisement,
  pools: ReadonlySet<string>,
  facts: LintFacts,
): ConfigFinding[] {
  const { name, ipAddressPools = [], ipAddressPoolSelectors = [] } = ad;
  const findings = ipAddressPools.flatMap((pool, index) =>
    pools.has(pool)
      ? []
      : [finding(kind, name, `spec.ipAddressPools[${index}]`, "lint.pool-missing", { pool })],
  );
  // With names beside the selectors it still announces what it names.
  if (ipAddressPoolSelectors.length > 0 && ad.pools.size === 0) {
    findings.push(finding(kind, name, "spec.ipAddressPoolSelectors", "lint.no-pool"));
  }
  return [...findings, ...lintNodes(kind, name, ad.nodeSelectors, facts)];
}

function lintNodes(
  kind: string,
  name: string,
  selectors: readonly LabelSelector[],
  { nodes }: LintFacts,
): ConfigFinding[] {
  if (!nodes || nodes.length === 0 || nodes.some(({ labels }) => matchesAnySelector(selectors, labels))) {
    return [];
  }
  return [finding(kind, name, "spec.nodeSelectors", "lint.no-node", { count: nodes.length })];
}

function lintPeers({ name, peers }: BgpAdvertisement, known: ReadonlySet<string>): ConfigFinding[] {
  return peers.flatMap((peer, index) =>
    known.has(peer)
      ? []
      : [finding("BGPAdvertisement", name, `spec.peers[${index}]`, "lint.peer-missing", { peer })],
  );
}

/** An aggregate goes out from every node that has an endpoint of any of its Services (metallb/metallb#2811). */
function lintAggregation(ad: BgpAdvertisement, services: readonly ServiceFacts[]): ConfigFinding[] {
  const lengths = [
    ["aggregationLength", ad.aggregationLength, 32, (address: string) => !address.includes(":")],
    ["aggregationLengthV6", ad.aggregationLengthV6, 128, (address: string) => address.includes(":")],
  ] as const;
  return lengths.flatMap(([field, length, full, isOfFamily]) => {
    if (length === full) return [];
    const local = services.filter(
      ({ pool, externalTrafficPolicy, addresses }) =>
        externalTrafficPolicy === "Local" &&
        pool !== undefined &&
        ad.pools.has(pool) &&
        addresses.some(isOfFamily),
    );
    const [first] = local;
    if (!first) return [];
    const params = { length, full, count: local.length, service: first.service };
    return [finding("BGPAdvertisement", ad.name, `spec.${field}`, "lint.aggregate-local", params)];
  });
}

function finding(
  kind: string,
  name: string,
  path: string,
  code: ReasonCode,
  params: ReasonParams = {},
): ConfigFinding {
  return { severity: "warning", kind, name, path, why: reason(code, params) };
}
