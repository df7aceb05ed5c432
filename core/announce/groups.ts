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

const nobody: ReadonlySet<string> = new Set();

/**
 * Keeps which Services hold which addresses, and finds the group of a Service by walking only that group: a change of
 * one Service costs what hangs together with it, never the number of all Services.
 */
export class AddressGroups {
  readonly #addressesOf = new Map<string, readonly string[]>();
  /** Nearly every address has one holder, which stands here itself. */
  readonly #servicesOf = new Map<string, string | Set<string>>();

  /** Sets the addresses of a Service; an empty list removes it. Returns the keys of every Service touched. */
  set(service: string, addresses: readonly string[]): Set<string> {
    const touched = new Set<string>([service]);
    for (const neighbour of this.groupOf(service)?.services ?? []) touched.add(neighbour);
    for (const address of this.#addressesOf.get(service) ?? []) this.#release(address, service);
    this.#addressesOf.delete(service);
    if (addresses.length > 0) {
      this.#addressesOf.set(service, addresses);
      for (const address of addresses) this.#hold(address, service);
      for (const neighbour of this.groupOf(service)?.services ?? []) touched.add(neighbour);
    }
    return touched;
  }

  groupOf(service: string): AddressGroup | undefined {
    const own = this.#addressesOf.get(service);
    if (own === undefined) return undefined;
    const [only] = own;
    if (own.length === 1 && only !== undefined && this.#servicesOf.get(only) === service)
      return { addresses: own, services: [service], firstAddress: only };
    const services = new Set<string>([service]);
    const addresses = new Set<string>();
    for (const member of services) {
      for (const address of this.#addressesOf.get(member) ?? []) {
        if (addresses.has(address)) continue;
        addresses.add(address);
        for (const holder of this.holdersOf(address)) services.add(holder);
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
    const holders = this.#servicesOf.get(address);
    return typeof holders === "string" ? new Set([holders]) : (holders ?? nobody);
  }

  services(): IterableIterator<string> {
    return this.#addressesOf.keys();
  }

  #hold(address: string, service: string): void {
    const holders = this.#servicesOf.get(address);
    if (holders === undefined || holders === service) this.#servicesOf.set(address, service);
    else if (typeof holders === "string") this.#servicesOf.set(address, new Set([holders, service]));
    else holders.add(service);
  }

  #release(address: string, service: string): void {
    const holders = this.#servicesOf.get(address);
    if (holders === service) this.#servicesOf.delete(address);
    if (!(holders instanceof Set)) return;
    holders.delete(service);
    const [last] = holders;
    if (holders.size === 1 && last !== undefined) this.#servicesOf.set(address, last);
  }
}

function byAddress(a: string, b: string): number {
  const left = parseAddress(a);
  const right = parseAddress(b);
  if (!left || !right) return a < b ? -1 : a > b ? 1 : 0;
  return compareAddress(left, right);
}
