import { formatReservations, type Pool } from "#core/config/mod.ts";
import type { Allocator, HeldPart, Opening } from "#core/ipam/mod.ts";
import { formatAddress, type IpAddress } from "#core/net/mod.ts";
import type { ServiceView } from "./types.ts";

/** Of a Service, `"true"`: what it holds stays reserved for its name when it is deleted. */
const reserveAnnotation = "metallb.io/reserve";

interface Entry {
  readonly pool: string;
  readonly addresses: readonly IpAddress[];
  /** The pool's annotation was seen with it: an entry that is missing there later was deleted by somebody. */
  isWritten: boolean;
}

/**
 * What Services with `metallb.io/reserve: "true"` hold, or held when they were deleted. The memory is the annotation
 * `metallb.io/reserved-by-services` of the pool: the controller writes it while the Service is still there, so that no
 * restart loses it, and a person ends a reservation by deleting its entry.
 */
export class RecordedReservations {
  readonly #allocator: Allocator;
  readonly #entries = new Map<string, Entry>();
  /** Annotations by pool, as far as they were asked for since they changed. */
  readonly #texts = new Map<string, string | undefined>();

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /** What the annotations say is taken over, but for what is known better. Gives what opened by that. */
  read(pools: readonly Pool[], view: (service: string) => ServiceView | undefined): Opening[] {
    const listed = new Set<string>();
    for (const { name, policy } of pools) {
      for (const { service, addresses } of policy?.recorded ?? []) {
        const entry = this.#entries.get(service);
        const present = view(service);
        const isSame = entry?.pool === name && sameAddresses(entry.addresses, addresses);
        if (present && !asks(present)) continue;
        if (isSame) entry.isWritten = true;
        if (!entry || isSame || (entry.isWritten && !present)) {
          listed.add(service);
          this.#set(service, { pool: name, addresses, isWritten: true });
        }
      }
    }
    const openings: Opening[] = [];
    for (const [service, entry] of this.#entries) {
      if (!entry.isWritten || listed.has(service)) continue;
      if (view(service)) entry.isWritten = false;
      else openings.push(...this.#drop(service));
    }
    return openings;
  }

  /** The Service was decided upon. Gives what opened by that. */
  decided(service: string, view: ServiceView, holding: readonly HeldPart[]): Opening[] {
    const entry = this.#entries.get(service);
    if (!asks(view)) return entry ? this.#drop(service) : [];
    const [first] = holding;
    if (!first) return [];
    const addresses = holding.map(({ address }) => address);
    if (entry?.pool === first.pool && sameAddresses(entry.addresses, addresses)) return [];
    const openings = entry ? this.#drop(service) : [];
    this.#set(service, { pool: first.pool, addresses, isWritten: false });
    return openings;
  }

  /** What the pool's annotation must be; undefined: absent. */
  textOf(pool: string): string | undefined {
    if (this.#entries.size === 0) return undefined;
    if (!this.#texts.has(pool)) {
      const own = [...this.#entries].filter(([, entry]) => entry.pool === pool);
      const list = own.map(([service, { addresses }]) => ({ service, addresses }));
      this.#texts.set(pool, list.length === 0 ? undefined : formatReservations(list));
    }
    return this.#texts.get(pool);
  }

  #set(service: string, entry: Entry): void {
    this.#entries.set(service, entry);
    this.#texts.delete(entry.pool);
    this.#allocator.record({ service, addresses: entry.addresses });
  }

  #drop(service: string): Opening[] {
    this.#texts.delete(this.#entries.get(service)?.pool ?? "");
    this.#entries.delete(service);
    return this.#allocator.record({ service, addresses: [] });
  }
}

function asks(view: ServiceView): boolean {
  return view.annotations[reserveAnnotation] === "true";
}

function sameAddresses(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.map(formatAddress).sort().join() === b.map(formatAddress).sort().join();
}
