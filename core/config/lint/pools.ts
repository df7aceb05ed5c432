import {
  type AddressRange,
  formatRange,
  parseAddress,
  parsePrefix,
  prefixToRange,
  rangeContains,
} from "#core/net/mod.ts";
import { type ReasonCode, type ReasonParams, reason } from "#core/reason/mod.ts";
import { type Claim, commonRange, RangeClaims } from "../range_claims.ts";
import type { Config, Pool } from "../types.ts";
import type { ConfigFinding, LintFacts } from "./types.ts";

/** What pools contain that belongs to somebody else, and pools that nobody announces. */
export function lintPools(config: Config, facts: LintFacts): ConfigFinding[] {
  const claims = new RangeClaims();
  for (const pool of config.pools) claims.add(pool);
  const pools = new Map(config.pools.map((pool) => [pool.name, pool]));
  const found = new Map<string, { claim: Claim; code: ReasonCode; params: ReasonParams; count: number }>();
  /** The first of a kind in a range is the example, all are counted. */
  const note = (claim: Claim | undefined, code: ReasonCode, params: ReasonParams) => {
    if (!claim) return;
    const key = `${claim.pool} ${claim.index} ${code}`;
    const known = found.get(key);
    if (known) known.count++;
    else found.set(key, { claim, code, params, count: 1 });
  };

  for (const { name: node, internalIPs, podCIDRs = [] } of facts.nodes ?? []) {
    for (const address of internalIPs) {
      note(holderOf(claims, pools, single(address)), "lint.node-address", { address, node });
    }
    for (const cidr of podCIDRs) {
      const prefix = parsePrefix(cidr);
      note(holderOf(claims, pools, prefix && prefixToRange(prefix)), "lint.pod-cidr", { cidr, node });
    }
  }
  for (const address of facts.gateways ?? []) {
    note(holderOf(claims, pools, single(address)), "lint.gateway", { address });
  }
  for (const { service, clusterIPs } of facts.services ?? []) {
    for (const address of clusterIPs) {
      note(holderOf(claims, pools, single(address)), "lint.cluster-ip", { address, service });
    }
  }

  const findings = [...found.values()].map(({ claim, code, params, count }) =>
    finding(claim.pool, `spec.addresses[${claim.index}]`, code, {
      range: formatRange(claim.range),
      count,
      ...params,
    }),
  );
  const advertisements = [...config.l2Advertisements, ...config.bgpAdvertisements];
  const silent = config.pools.filter(({ name }) => !advertisements.some(({ pools }) => pools.has(name)));
  return [
    ...findings,
    ...silent.map(({ name }) => finding(name, "metadata.name", "lint.pool-unadvertised", {})),
  ];
}

function finding(name: string, path: string, code: ReasonCode, params: ReasonParams): ConfigFinding {
  return { severity: "warning", kind: "IPAddressPool", name, path, why: reason(code, params) };
}

/** Who would give out addresses of the range; what a pool excludes by annotation it never gives. */
function holderOf(
  claims: RangeClaims,
  pools: ReadonlyMap<string, Pool>,
  range: AddressRange | undefined,
): Claim | undefined {
  const claim = range && claims.overlapping(range);
  if (!claim) return undefined;
  const common = commonRange(claim.range, range);
  const excluded = pools.get(claim.pool)?.policy?.excluded ?? [];
  const isExcluded = excluded.some(
    (each) => rangeContains(each, common.first) && rangeContains(each, common.last),
  );
  return isExcluded ? undefined : claim;
}

/** "None" of a headless Service is no address. */
function single(text: string): AddressRange | undefined {
  const address = parseAddress(text);
  return address && { first: address, last: address };
}
