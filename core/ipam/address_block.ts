import { type AddressRange, rangeSize } from "#core/net/mod.ts";
import { countBuggy, endsBuggy } from "./buggy.ts";
import type { Held } from "./holding.ts";
import { MinHeap } from "./min_heap.ts";
import type { PoolState } from "./pool_state.ts";
import { SharedAddresses } from "./shared_addresses.ts";
import { sharingId, sharingRefusal } from "./sharing.ts";
import type { Claimant, Sharing } from "./types.ts";

/**
 * One range of a pool, and what is held of it. Free addresses are not listed: all from the frontier on are free unless
 * held, and below it those that were given back. So the lowest free one costs O(log n) at most, in a /64 as in a /28.
 */
export class AddressBlock {
  readonly held = new Map<bigint, Held>();
  /** Addresses that may be given out: without those that the pool avoids. */
  readonly size: bigint;
  readonly #shared = new Map<string, SharedAddresses>();
  readonly #givenBack = new MinHeap();
  #frontier: bigint;

  constructor(
    readonly pool: PoolState,
    readonly range: AddressRange,
    readonly avoidsBuggy: boolean,
  ) {
    this.#frontier = range.first.value;
    this.size = rangeSize(range) - (avoidsBuggy ? countBuggy(range) : 0n);
  }

  avoids(value: bigint): boolean {
    return this.avoidsBuggy && this.range.first.family === "ipv4" && endsBuggy(value);
  }

  lowestFree(): bigint | undefined {
    for (;;) {
      const value = this.#givenBack.least;
      if (value === undefined) break;
      if (!this.held.has(value)) return value;
      this.#givenBack.removeLeast();
    }
    const last = this.range.last.value;
    while (this.#frontier <= last && (this.held.has(this.#frontier) || this.avoids(this.#frontier))) {
      this.#frontier++;
    }
    return this.#frontier <= last ? this.#frontier : undefined;
  }

  /** The lowest address that the claimant may take: free, or held by Services that it may share with. */
  lowestFor(claimant: Claimant): bigint | undefined {
    const free = this.lowestFree();
    if (claimant.sharing.key === "") return free;
    const shared = this.#shared.get(sharingId(claimant.sharing))?.lowest(claimant.sharing.ports, (value) => {
      const held = this.held.get(value);
      return held?.ports !== undefined && sharingRefusal(held, claimant) === undefined;
    });
    if (free === undefined || (shared !== undefined && shared < free)) return shared;
    return free;
  }

  take(held: Held): void {
    this.held.set(held.address.value, held);
  }

  giveBack(value: bigint): void {
    this.held.delete(value);
    if (value < this.#frontier) this.#givenBack.add(value);
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
}
