import type { Allocator, PoolUse } from "#core/ipam/mod.ts";
import { type Family, formatAddress, formatRange } from "#core/net/mod.ts";
import type { PoolCounts, PoolDetail, PoolSummary } from "#server/ports.ts";
import { poolAllocation, poolPolicies } from "./pool_policies.ts";
import { splitKey } from "./service_name.ts";
import type { World } from "./world.ts";

/** The most that a page draws. */
const cellsMax = 4_096;

interface Sources {
  allocator: Allocator;
  /** `spec.addresses` of the IPAddressPool as it is stored. */
  declared(pool: string): readonly string[] | undefined;
  world: World;
  announcersOf(address: string, services: readonly string[]): PoolDetail["holders"][number]["announcers"];
  portsOf(service: string): string[];
  /** What the wall's clock says at a moment of the steady one, which the allocator is told. */
  wallOf(steadyMs: number): number;
}

export function poolRows(sources: Sources): PoolSummary[] {
  return sources.allocator.poolUses().map((use) => summary(use, sources));
}

export function poolRow(name: string, sources: Sources): PoolDetail | undefined {
  const { allocator, announcersOf, portsOf, wallOf } = sources;
  const use = allocator.poolUse(name);
  if (!use) return undefined;
  const { cells, cellSize } = allocator.cells(name, cellsMax);
  const policies = poolPolicies(use.pool);
  return {
    ...summary(use, sources),
    cellSize: String(cellSize),
    cells: cells.map(({ first, last, size, used, state, holder, reservedFor, coolsUntilMs }) => ({
      first: formatAddress(first),
      last: formatAddress(last),
      size: String(size),
      used,
      state,
      ...(holder !== undefined && { holder: splitKey(holder) }),
      ...(reservedFor && { reservedFor: reservedFor.map(splitKey) }),
      ...(coolsUntilMs !== undefined && { coolsUntil: wallOf(coolsUntilMs) }),
    })),
    holders: allocator.heldIn(name).map(({ address, pool, services, kept }) => {
      const text = formatAddress(address);
      return {
        address: text,
        pool,
        services: services.map((service) => ({ ...splitKey(service), ports: portsOf(service) })),
        announcers: announcersOf(text, services),
        ...(kept && { kept }),
      };
    }),
    ...(policies && { policies }),
  };
}

function summary(use: PoolUse, { world, declared }: Sources): PoolSummary {
  const { pool, services } = use;
  const allocation = poolAllocation(pool);
  const covering = (kind: "l2Advertisements" | "bgpAdvertisements") =>
    world.config[kind].filter(({ pools }) => pools.has(pool.name)).map(({ name }) => name);
  return {
    name: pool.name,
    ranges: [...(declared(pool.name) ?? pool.ranges.map(formatRange))],
    autoAssign: pool.autoAssign,
    avoidBuggyIPs: pool.avoidBuggyIPs,
    ipv4: counts(use, "ipv4"),
    ipv6: counts(use, "ipv6"),
    serviceCount: services,
    l2Advertisements: covering("l2Advertisements"),
    bgpAdvertisements: covering("bgpAdvertisements"),
    ...(allocation && { allocation }),
  };
}

function counts(use: PoolUse, family: Family): PoolCounts {
  return {
    total: String(use.total[family]),
    used: use.used[family],
    reserved: use.reserved[family],
    cooling: use.cooling[family],
    excluded: String(use.excluded[family]),
    kept: use.kept[family],
  };
}
