import { type AddressRange, rangeSize } from "#core/net/mod.ts";
import { countBuggy, endsBuggy } from "./buggy.ts";
import type { Cooling } from "./cool_down.ts";
import type { Held } from "./holding.ts";
import { MinHeap } from "./min_heap.ts";
import type { PoolState } from "./pool_state.ts";
import { SharedAddresses } from "./shared_addresses.ts";
import { sharingId, sharingRefusal } from "./sharing.ts";
import type { Claimant, Sharing } from "./types.ts";

/**
 * One range of a pool, and what is held of it. Free addresses are not listed: all from the frontier on are free unless
 * taken, and below it those that were given back. So the lowest free one costs O(log n) at most, in a /64 as in a /28.
 */
export class AddressBlock {
  readonly held = new Map<bigint, Held>();
  /** For whom an address is kept. Written by Reservations. */
  readonly reserved = new Map<bigint, readonly string[]>();
  /** Written by CoolDown. Disjoint from `held` and `reserved`. */
  readonly cooling = new Map<bigint, Cooling>();
  readonly #shared = new Map<string, SharedAddresses>();
  #givenBack = new MinHeap();
  #frontier: bigint;
  #excluded: readonly AddressRange[] = [];
  #size: bigint;
  #reservedFree = 0;

  constructor(
    readonly pool: PoolState,
    readonly range: AddressRange,
    readonly avoidsBuggy: boolean,
  ) {
    this.#frontier = range.first.value;
    this.#size = this.#count(range);
  }

  /** Addresses that may be given out: without those that the pool avoids or excludes. */
  get size(): bigint {
    return this.#size;
  }

  get excludedCount(): bigint {
    return this.#count(this.range) - this.#size;
  }

  /** Reserved addresses that nobody holds. */
  get reservedFree(): number {
    return this.#reservedFree;
  }

  avoids(value: bigint): boolean {
    return this.avoidsBuggy && this.range.first.family === "ipv4" && endsBuggy(value);
  }

  excludes(value: bigint): boolean {
    return this.#excluded.length > 0 && this.#exclusionAt(value) !== undefined;
  }

  /**
   * Replaces the exclusions: ascending, apart from one another. Gives the held addresses that are excluded now and were
   * not, or the other way round; undefined where nothing changed.
   */
  exclude(ranges: readonly AddressRange[]): Held[] | undefined {
    const { first, last } = this.range;
    const own: AddressRange[] = [];
    for (const range of ranges) {
      if (range.first.family !== first.family) continue;
      if (range.last.value < first.value || range.first.value > last.value) continue;
      own.push({
        first: range.first.value < first.value ? first : range.first,
        last: range.last.value > last.value ? last : range.last,
      });
    }
    const isSame =
      own.length === this.#excluded.length &&
      own.every((range, at) => {
        const before = this.#excluded[at];
        return range.first.value === before?.first.value && range.last.value === before.last.value;
      });
    if (isSame) return undefined;
    const before = new Set(this.held.values().filter((held) => this.excludes(held.address.value)));
    this.#excluded = own;
    this.#size = this.#count(this.range) - own.reduce((sum, range) => sum + this.#count(range), 0n);
    // Addresses that may be given out again can lie anywhere: the next search starts over, once.
    this.#frontier = first.value;
    this.#givenBack = new MinHeap();
    return [...this.held.values()].filter((held) => before.has(held) !== this.excludes(held.address.value));
  }

  lowestFree(): bigint | undefined {
    for (;;) {
      const value = this.#givenBack.least;
      if (value === undefined) break;
      if (!this.#isTaken(value) && !this.excludes(value)) return value;
      this.#givenBack.removeLeast();
    }
    const last = this.range.last.value;
    while (this.#frontier <= last) {
      const exclusion = this.#excluded.length > 0 ? this.#exclusionAt(this.#frontier) : undefined;
      if (exclusion) this.#frontier = exclusion.last.value + 1n;
      else if (this.#isTaken(this.#frontier) || this.avoids(this.#frontier)) this.#frontier++;
      else return this.#frontier;
    }
    return undefined;
  }

  /** The lowest address that the claimant may take: free, or held by Services that it may share with. */
  lowestFor(claimant: Claimant): bigint | undefined {
    const free = this.lowestFree();
    if (claimant.sharing.key === "") return free;
    const shared = this.#shared.get(sharingId(claimant.sharing))?.lowest(claimant.sharing.ports, (value) => {
      const held = this.held.get(value);
      return (
        held?.ports !== undefined &&
        !this.excludes(value) &&
        this.isOpenToSharers(held) &&
        sharingRefusal(held, claimant) === undefined
      );
    });
    if (free === undefined || (shared !== undefined && shared < free)) return shared;
    return free;
  }

  /** A reserved address may be shared while one for whom it is reserved shares it. */
  isOpenToSharers(held: Held): boolean {
    const owners = this.reserved.size > 0 ? this.reserved.get(held.address.value) : undefined;
    return !owners || held.holdings.some(({ service }) => owners.includes(service));
  }

  take(held: Held): void {
    const { value } = held.address;
    if (this.reserved.size > 0 && this.reserved.has(value) && !this.held.has(value)) this.#reservedFree--;
    this.held.set(value, held);
  }

  giveBack(value: bigint): void {
    this.held.delete(value);
    if (this.reserved.size > 0 && this.reserved.has(value)) this.#reservedFree++;
    else this.offer(value);
  }

  /** The address may have become free. */
  offer(value: bigint): void {
    if (value < this.#frontier) this.#givenBack.add(value);
  }

  reserve(value: bigint, services: readonly string[]): void {
    if (!this.reserved.has(value) && !this.held.has(value)) this.#reservedFree++;
    this.reserved.set(value, services);
    this.#openToAll(value);
  }

  unreserve(value: bigint): void {
    if (!this.reserved.delete(value)) return;
    if (!this.held.has(value)) this.#reservedFree--;
    this.offer(value);
    this.#openToAll(value);
  }

  share(value: bigint, sharing: Sharing): void {
    const id = sharingId(sharing);
    let addresses = this.#shared.get(id);
    if (!addresses) {
      addresses = new SharedAddresses();
      this.#shared.set(id, addresses);
    }
    addresses.add(value);
  }

  unshare(value: bigint, sharing: Sharing): void {
    const id = sharingId(sharing);
    const addresses = this.#shared.get(id);
    addresses?.remove(value);
    if (addresses?.isEmpty) this.#shared.delete(id);
  }

  /** A sharer left, or gave up ports. */
  openShared(value: bigint, sharing: Sharing): void {
    this.#shared.get(sharingId(sharing))?.open(value);
  }

  /** Who may share the address has changed: searches that passed it look again. */
  #openToAll(value: bigint): void {
    for (const { sharing } of this.held.get(value)?.holdings ?? []) {
      if (sharing.key !== "") this.openShared(value, sharing);
    }
  }

  #isTaken(value: bigint): boolean {
    return (
      this.held.has(value) ||
      (this.reserved.size > 0 && this.reserved.has(value)) ||
      (this.cooling.size > 0 && this.cooling.has(value))
    );
  }

  #exclusionAt(value: bigint): AddressRange | undefined {
    let low = 0;
    let high = this.#excluded.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#excluded[middle] as AddressRange).last.value < value) low = middle + 1;
      else high = middle;
    }
    const range = this.#excluded[low];
    return range && range.first.value <= value ? range : undefined;
  }

  #count(range: AddressRange): bigint {
    return rangeSize(range) - (this.avoidsBuggy ? countBuggy(range) : 0n);
  }
}
