import type { Pool } from "#core/config/mod.ts";
import type { AddressRange, Family, IpAddress } from "#core/net/mod.ts";
import { formatRange } from "#core/net/mod.ts";
import { type Reason, reason, reasonText } from "#core/reason/mod.ts";
import { familyNames } from "./family_names.ts";
import { noOwn, type OwnAddresses } from "./own_addresses.ts";
import type { PoolState } from "./pool_state.ts";
import type { Claimant, FamilyDemand, PoolStep } from "./types.ts";

/** The pool to take from and the addresses to take: IPv4 first, whatever `spec.ipFamilies` says, as MetalLB does. */
export interface Choice {
  readonly pool: PoolState;
  readonly addresses: readonly IpAddress[];
}

/** What a search found out on its way. */
export interface Search {
  readonly trace: PoolStep[];
  /** Pools that may serve the claimant, whether or not they can now. */
  readonly open: string[];
}

/**
 * The first pool that can give what is demanded. Under PreferDualStack a pool that gives both families comes first,
 * then one that gives the primary, then one that gives the secondary.
 */
export function choose(
  pools: readonly PoolState[],
  how: "automatic" | "by name",
  claimant: Claimant,
  families: FamilyDemand,
  search: Search,
  own: OwnAddresses = noOwn,
): Choice | undefined {
  let withPrimary: Choice | undefined;
  let withSecondary: Choice | undefined;
  for (const pool of pools) {
    const refusal =
      how === "automatic" && !pool.pool.autoAssign
        ? pool.step("skipped", "pool.not-auto-assign")
        : pool.refusal(claimant);
    if (refusal) {
      search.trace.push(refusal);
      continue;
    }
    search.open.push(pool.pool.name);
    const first = lowestOf(pool, families.primary, claimant, 0, own.get(pool));
    const spent = first?.isNew ? 1 : 0;
    const second = families.secondary && lowestOf(pool, families.secondary, claimant, spent, own.get(pool));
    const [primary, secondary] = [first?.address, second?.address];
    if (primary && (secondary || !families.secondary)) {
      return { pool, addresses: secondary ? ipv4First(primary, secondary) : [primary] };
    }
    const only = primary ?? secondary;
    if (only && !families.bothRequired) {
      search.trace.push(pool.step("skipped", "pool.one-family-only", { family: familyNames[only.family] }));
      if (primary) withPrimary ??= { pool, addresses: [primary] };
      else withSecondary ??= { pool, addresses: [only] };
    } else {
      search.trace.push(pool.lack(missing(pool, families, primary), claimant, spent));
    }
  }
  return withPrimary ?? withSecondary;
}

/** The family to name where a pool cannot serve: under PreferDualStack one that the pool has at all. */
function missing(pool: PoolState, families: FamilyDemand, primary: IpAddress | undefined): Family {
  const { secondary, bothRequired } = families;
  if (!secondary) return families.primary;
  if (bothRequired) return primary ? secondary : families.primary;
  return pool.has(families.primary) ? families.primary : secondary;
}

/** Its own comes first: what is reserved for it, or what it gave back and is not given to others yet. */
export function lowestOf(
  pool: PoolState,
  family: Family,
  claimant: Claimant,
  spent: number,
  own: readonly IpAddress[] | undefined,
) {
  const mine = own?.find((address) => address.family === family);
  const found = mine ? pool.offerOwn(mine, claimant, spent) : pool.lowest(family, claimant, spent);
  return found && { address: { family, value: found.value }, isNew: found.isNew };
}

function ipv4First(a: IpAddress, b: IpAddress): IpAddress[] {
  return a.family === "ipv4" ? [a, b] : [b, a];
}

/** Priority ascending, where 0 (unset) is last, then name; pools with serviceAllocation are asked before the others. */
export function inOrder(pools: Iterable<PoolState>): { pinned: PoolState[]; unpinned: PoolState[] } {
  const sorted = [...pools].sort(
    (a, b) => rank(a.pool) - rank(b.pool) || (a.pool.name < b.pool.name ? -1 : 1),
  );
  return {
    pinned: sorted.filter(({ pool }) => pool.serviceAllocation),
    unpinned: sorted.filter(({ pool }) => !pool.serviceAllocation),
  };
}

function rank({ serviceAllocation }: Pool): number {
  return serviceAllocation?.priority || Number.MAX_SAFE_INTEGER;
}

const detailsMax = 4;

/** One sentence of all the steps that led nowhere; a long list is cut. */
export function whyNone(trace: readonly PoolStep[]): Reason {
  const [only, ...more] = trace;
  if (!only) return reason("pool.none");
  if (more.length === 0) return only.why;
  const details = trace.slice(0, detailsMax).map(({ why }) => reasonText(why));
  if (trace.length > detailsMax) details.push(`and ${trace.length - detailsMax} more pools`);
  return reason("pool.all-failed", { details: details.join("; ") });
}

const rangesMax = 8;

/** `192.168.1.240-192.168.1.250 (first-pool), …`, for a sentence. */
export function describeRanges(pools: Iterable<Pool>): string {
  const ranges = [...pools].flatMap(({ name, ranges }) =>
    ranges.map((range: AddressRange) => `${formatRange(range)} (${name})`),
  );
  const more = ranges.length > rangesMax ? [`and ${ranges.length - rangesMax} more`] : [];
  return [...ranges.slice(0, rangesMax), ...more].join(", ");
}
