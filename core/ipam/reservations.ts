import type { Pool, Reservation } from "#core/config/mod.ts";
import { formatAddress, type IpAddress } from "#core/net/mod.ts";
import type { CoolDown } from "./cool_down.ts";
import type { Ledger } from "./ledger.ts";
import type { Opening } from "./types.ts";

const nothing: readonly IpAddress[] = [];

/** For whom an address is kept, in the order in which they were named. */
interface Kept {
  readonly address: IpAddress;
  readonly services: Set<string>;
}

/** One list of reservations, read both ways. */
class ReservationList {
  readonly byAddress = new Map<string, Kept>();
  readonly byService = new Map<string, readonly IpAddress[]>();

  set(service: string, addresses: readonly IpAddress[]): void {
    for (const address of this.byService.get(service) ?? nothing) {
      const text = formatAddress(address);
      const kept = this.byAddress.get(text);
      kept?.services.delete(service);
      if (kept?.services.size === 0) this.byAddress.delete(text);
    }
    this.byService.delete(service);
    if (addresses.length === 0) return;
    this.byService.set(service, addresses);
    for (const address of addresses) {
      const text = formatAddress(address);
      const kept = this.byAddress.get(text) ?? { address, services: new Set() };
      this.byAddress.set(text, kept);
      kept.services.add(service);
    }
  }
}

/**
 * Addresses that are kept for Services by name: those that pools declare, and those recorded for Services that asked
 * for it themselves. It writes them into the blocks, which give a reserved address to nobody else.
 */
export class Reservations {
  #declared = new ReservationList();
  readonly #recorded = new ReservationList();
  readonly #ledger: Ledger;
  readonly #coolDown: CoolDown;

  constructor(ledger: Ledger, coolDown: CoolDown) {
    this.#ledger = ledger;
    this.#coolDown = coolDown;
  }

  /** Pools or blocks are others now. Gives the Services at addresses that are reserved now, or were before. */
  declare(pools: readonly Pool[]): string[] {
    const before = [...this.#declared.byAddress.values()];
    this.#declared = new ReservationList();
    const all = new Map<string, IpAddress[]>();
    for (const { policy } of pools) {
      for (const { service, addresses } of policy?.reservations ?? []) {
        all.set(service, [...(all.get(service) ?? []), ...addresses]);
      }
    }
    for (const [service, addresses] of all) this.#declared.set(service, addresses);
    const now = [...this.#declared.byAddress.values(), ...this.#recorded.byAddress.values()];
    const affected: string[] = [];
    for (const { address } of [...before, ...now]) {
      this.#put(address);
      for (const { service } of this.#ledger.heldAt(address)?.holdings ?? []) affected.push(service);
    }
    return affected;
  }

  /** The Service asked that these stay its own; none: that nothing does. Gives what may be free for others now. */
  record({ service, addresses }: Reservation): Opening[] {
    const before = this.#recorded.byService.get(service) ?? nothing;
    this.#recorded.set(service, addresses);
    for (const address of [...before, ...addresses]) this.#put(address);
    return before.flatMap((address) => {
      const pool = this.#ledger.blockOf(address)?.pool.pool.name;
      return pool === undefined ? [] : [{ address, pool }];
    });
  }

  of(service: string): readonly IpAddress[] {
    if (this.#declared.byService.size + this.#recorded.byService.size === 0) return nothing;
    const declared = this.#declared.byService.get(service) ?? nothing;
    const recorded = this.#recorded.byService.get(service) ?? nothing;
    return recorded.length === 0 ? declared : [...declared, ...recorded];
  }

  #put(address: IpAddress): void {
    const block = this.#ledger.blockOf(address);
    if (!block) return;
    const text = formatAddress(address);
    // What the pool's owner says goes before what a Service asked for itself.
    const kept = this.#declared.byAddress.get(text) ?? this.#recorded.byAddress.get(text);
    if (!kept || block.excludes(address.value)) {
      block.unreserve(address.value);
      block.pool.reopen(block);
    } else {
      const cooling = block.cooling.get(address.value);
      if (cooling) this.#coolDown.end(cooling);
      block.reserve(address.value, [...kept.services]);
    }
  }
}
