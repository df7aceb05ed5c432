import type { Layer2Change } from "#core/announce/mod.ts";
import type { Standing } from "./plan.ts";

/** The new announcer probes, announces and writes within this; then what this node wrote is only in the way. */
const lostMaxMs = 15_000;

interface Own {
  services: readonly string[];
  interfaces: readonly string[];
  isAnnounced: boolean;
}

/** A report that an address is announced may come this long before the decision that it is to be. */
const earlyMaxMs = 30_000;

/** How each Service stands with this node, kept from what is decided and from what the data plane confirms. */
export class Standings {
  readonly #node: string;
  /** Addresses this node is to answer for. */
  readonly #own = new Map<string, Own>();
  /** Taken by the data plane, as the first in line, before it is decided here; and when. */
  readonly #early = new Map<string, number>();
  /** Of the Services that have such addresses. */
  readonly #addresses = new Map<string, readonly string[]>();
  /** Since when others are to announce what this node did. */
  readonly #lostAt = new Map<string, number>();

  constructor(node: string) {
    this.#node = node;
  }

  /** Takes decisions in, and gives the Services that stand differently by them. */
  decided(changes: readonly Layer2Change[], now: number): Set<string> {
    const touched = new Set<string>();
    for (const { address, before, after } of changes) {
      const isOwn = after?.winner === this.#node;
      const known = this.#own.get(address);
      if (isOwn) {
        const { services, interfaces } = after;
        const isEarly = now - (this.#early.get(address) ?? -Infinity) < earlyMaxMs;
        this.#own.set(address, { services, interfaces, isAnnounced: known?.isAnnounced ?? isEarly });
      } else this.#own.delete(address);
      this.#early.delete(address);
      for (const service of new Set([...(before?.services ?? []), ...(after?.services ?? [])])) {
        const holds = isOwn && after.services.includes(service);
        if (!this.#setAddress(service, address, holds)) continue;
        touched.add(service);
        const isLost =
          !this.#addresses.has(service) && after?.winner !== undefined && after.services.includes(service);
        if (isLost) this.#lostAt.set(service, now);
        else this.#lostAt.delete(service);
      }
      if (isOwn && known) for (const service of after.services) touched.add(service);
    }
    return touched;
  }

  /** The first gratuitous frame of the address is out. Gives the Services that stand differently by it. */
  announced(address: string, now: number): readonly string[] {
    const own = this.#own.get(address);
    if (!own) this.#early.set(address, now);
    if (!own || own.isAnnounced) return [];
    own.isAnnounced = true;
    return own.services;
  }

  of(service: string, now: number): Standing {
    const own = (this.#addresses.get(service) ?? []).flatMap((address) => this.#own.get(address) ?? []);
    const answering = own.filter(({ isAnnounced }) => isAnnounced);
    if (answering.length > 0) {
      // One advertisement without interfaces means every interface.
      const isRestricted = answering.every(({ interfaces }) => interfaces.length > 0);
      const names = isRestricted ? new Set(answering.flatMap(({ interfaces }) => [...interfaces])) : [];
      return { is: "announced", interfaces: [...names].sort() };
    }
    if (own.length > 0) return { is: "awaited" };
    const lostAt = this.#lostAt.get(service);
    if (lostAt === undefined) return { is: "nothing" };
    return { is: "lost", isOverdue: now - lostAt >= lostMaxMs };
  }

  /** When it is to be asked again though nothing happened; undefined: not at all. */
  dueAt(service: string): number | undefined {
    const lostAt = this.#lostAt.get(service);
    return lostAt === undefined ? undefined : lostAt + lostMaxMs;
  }

  /** Nothing of this node is left to say about it. */
  forget(service: string): void {
    this.#lostAt.delete(service);
  }

  /** True where it makes a difference. */
  #setAddress(service: string, address: string, holds: boolean): boolean {
    const addresses = this.#addresses.get(service) ?? [];
    if (addresses.includes(address) === holds) return false;
    const next = holds ? [...addresses, address] : addresses.filter((one) => one !== address);
    if (next.length > 0) this.#addresses.set(service, next);
    else this.#addresses.delete(service);
    return true;
  }
}
