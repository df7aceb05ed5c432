import { compareAddress, parseAddress } from "#core/net/mod.ts";

/** Addresses and Services that hang together and therefore have one announcer. */
export interface AddressGroup {
  /** Ascending. */
  readonly addresses: readonly string[];
  /** `namespace/name`, ascending. */
  readonly services: readonly string[];
  /** What the election hashes: of the Services' first addresses the lowest, IPv4 before IPv6. */
  readonly firstAddress: string;
}

/**
 * Keeps which Services hold which addresses, and finds the group of a Service by walking only that group: a change of
 * one Service costs what hangs together with it, never the number of all Services.
 */
export class AddressGroups {
  readonly #addressesOf = new Map<string, readonly string[]>();
  readonly #servicesOf = new Map<string, Set<string>>();

  /** Sets the addresses of a Service; an empty list removes it. Returns the keys of every Service touched. */
  set(service: string, addresses: readonly string[]): Set<string> {
    const touched = new Set<string>([service]);
    for (const neighbour of this.groupOf(service)?.services ?? []) touched.add(neighbour);
    for (const address of this.#addressesOf.get(service) ?? []) {
      const holders = this.#servicesOf.get(address);
      holders?.delete(service);
      if (holders?.size === 0) this.#servicesOf.delete(address);
    }
    this.#addressesOf.delete(service);
    if (addresses.length > 0) {
      this.#addressesOf.set(service, addresses);
      for (const address of addresses) {
        const holders = this.#servicesOf.get(address) ?? new Set();
        holders.add(service);
        this.#servicesOf.set(address, holders);
      }
      for (const neighbour of this.groupOf(service)?.services ?? []) touched.add(neighbour);
    }
    return touched;
  }

  groupOf(service: string): AddressGroup | undefined {
    if (!this.#addressesOf.has(service)) return undefined;
    const services = new Set<string>([service]);
    const addresses = new Set<string>();
    for (const member of services) {
      for (const address of this.#addressesOf.get(member) ?? []) {
        if (addresses.has(address)) continue;
        addresses.add(address);
        for (const holder of this.#servicesOf.get(address) ?? []) services.add(holder);
      }
    }
    const firsts = [...services].flatMap((member) => this.#addressesOf.get(member)?.slice(0, 1) ?? []);
    return {
      addresses: [...addresses].sort(byAddress),
      services: [...services].sort(),
      firstAddress: firsts.sort(byAddress)[0] as string,
    };
  }

  holdersOf(address: string): ReadonlySet<string> {
    return this.#servicesOf.get(address) ?? new Set();
  }

  services(): IterableIterator<string> {
    return this.#addressesOf.keys();
  }
}

function byAddress(a: string, b: string): number {
  const left = parseAddress(a);
  const right = parseAddress(b);
  if (!left || !right) return a < b ? -1 : a > b ? 1 : 0;
  return compareAddress(left, right);
}
