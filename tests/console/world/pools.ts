import { formatAddress, parseAddress } from "#core/net/mod.ts";
import type { World, WorldSize } from "./types.ts";

export function addressAt(base: string, offset: number): string {
  const first = parseAddress(base);
  if (!first) throw new Error(`world: "${base}" is no address`);
  return formatAddress({ family: first.family, value: first.value + BigInt(offset) });
}

export function poolBase(index: number, size: WorldSize): string {
  return size.pools === 1 ? "192.168.1.240" : `10.${40 + index}.0.0`;
}

export function addPools(world: World, size: WorldSize): void {
  for (let index = 0; index < size.pools; index++) {
    const first = poolBase(index, size);
    const last = addressAt(first, size.poolSize - 1);
    const name =
      index === 0
        ? "first-pool"
        : index === 1
          ? "production-public-internet-facing-addresses"
          : `pool-${index}`;
    world.pools.push({
      name,
      ranges: [`${first}-${last}`],
      autoAssign: index !== 2,
      avoidBuggyIPs: index === 1,
      ipv4: { total: String(size.poolSize), used: 0 },
      ipv6: index === 3 ? { total: String(2n ** 64n), used: 12 } : { total: "0", used: 0 },
      serviceCount: 0,
      l2Advertisements: index === 4 ? [] : ["example"],
      bgpAdvertisements: index % 3 === 1 ? ["everywhere"] : [],
      cells: [],
      cellSize: "1",
      holders: [],
    });
  }
}

/** One cell per address, every fiftieth of them shared. */
export function fillMaps(world: World): void {
  for (const pool of world.pools) {
    const held = world.services.filter((service) => service.pool === pool.name);
    const byAddress = new Map(held.map((service) => [service.addresses[0], service]));
    const [first = ""] = (pool.ranges[0] ?? "").split("-");
    pool.holders = [];
    pool.cells = Array.from({ length: Number(pool.ipv4.total) }, (_, offset) => {
      const address = addressAt(first, offset);
      const service = byAddress.get(address);
      const cell = { first: address, last: address, size: "1" };
      if (!service) {
        const isAvoided = pool.avoidBuggyIPs && /\.(0|255)$/.test(address);
        return { ...cell, used: 0, state: isAvoided ? "avoided" : "free" } as const;
      }
      const { namespace, name, ports, announcers } = service;
      const partner = { namespace, name: `${name}-dns`, ports: ["53/UDP"] };
      const isShared = offset % 50 === 1;
      pool.holders.push({
        address,
        pool: pool.name,
        services: [{ namespace, name, ports }, ...(isShared ? [partner] : [])],
        announcers,
      });
      return { ...cell, used: 1, state: isShared ? "shared" : "used", holder: { namespace, name } } as const;
    });
  }
}
