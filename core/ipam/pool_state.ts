import { matchesAnySelector, matchesSelector, type Pool } from "#core/config/mod.ts";
import type { Family, IpAddress } from "#core/net/mod.ts";
import { type ReasonCode, type ReasonParams, reason } from "#core/reason/mod.ts";
import type { AddressBlock } from "./address_block.ts";
import { familyNames } from "./family_names.ts";
import type { Held } from "./holding.ts";
import { NamespaceUse } from "./namespace_use.ts";
import { sharingRefusal } from "./sharing.ts";
import type { Claimant, PoolStep, PoolUse } from "./types.ts";

const stepsMax = 256;

/** An address that a pool can give. */
export interface Offer {
  readonly block: AddressBlock;
  readonly value: bigint;
  /** The claimant's namespace does not hold it yet. */
  readonly isNew: boolean;
}

/** One pool at work: its blocks in the order they were declared, and what is used of them. */
export class PoolState {
  pool: Pool;
  /** Held addresses that are not excluded. */
  readonly used: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  /** Held addresses that are excluded by now. */
  readonly keptExcluded: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  /** Services with at least one address here. */
  services = 0;
  #blocks: readonly AddressBlock[] = [];
  /** Blocks before these are full: the search starts there. */
  readonly #open: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  readonly #steps = new Map<string, PoolStep>();
  /** What was said last of a family, and the counts it said it of. */
  #lacks: Partial<Record<Family, { used: number; reserved: number; cooling: number; step: PoolStep }>> = {};
  #namespaces: NamespaceUse | undefined;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  get blocks(): readonly AddressBlock[] {
    return this.#blocks;
  }

  set blocks(blocks: readonly AddressBlock[]) {
    this.#blocks = blocks;
    this.#open.ipv4 = 0;
    this.#open.ipv6 = 0;
    this.#lacks = {};
  }

  get reuseAfterMs(): number {
    return this.pool.policy?.reuseAfterMs ?? 0;
  }

  get hasQuota(): boolean {
    return this.#namespaces !== undefined;
  }

  /** The pool's policy or blocks are others now. Gives the held addresses that are excluded now, or no longer. */
  applyPolicy(): Held[] {
    const { policy } = this.pool;
    const affected: Held[] = [];
    for (const block of this.#blocks) {
      const changed = block.exclude(policy?.excluded ?? []);
      if (!changed) continue;
      for (const held of changed) {
        const { family } = held.address;
        const change = block.excludes(held.address.value) ? 1 : -1;
        this.keptExcluded[family] += change;
        this.used[family] -= change;
      }
      affected.push(...changed);
      this.reopen(block);
      this.#lacks = {};
    }
    if (JSON.stringify(policy?.quota) !== JSON.stringify(this.#namespaces?.quota)) {
      this.#namespaces = policy?.quota && new NamespaceUse(policy.quota);
      for (const held of this.#held()) {
        for (const { service } of held.holdings) this.#namespaces?.count(held, service, 1);
      }
    }
    return affected;
  }

  /** One address more is held, or one less. */
  countHeld({ block, address }: Held, change: 1 | -1): void {
    const counts = block?.excludes(address.value) ? this.keptExcluded : this.used;
    counts[address.family] += change;
  }

  /** A Service holds the address, or does not any more. */
  countHolder(held: Held, service: string, change: 1 | -1): void {
    this.#namespaces?.count(held, service, change);
  }

  /** An address of the block was given back. */
  reopen(block: AddressBlock): void {
    const { family } = block.range.first;
    const at = this.#blocks.indexOf(block);
    // A block that was cut out a moment ago is searched no more.
    if (at >= 0 && at < this.#open[family]) this.#open[family] = at;
  }

  total(family: Family): bigint {
    return this.#blocks.reduce(
      (sum, block) => (block.range.first.family === family ? sum + block.size : sum),
      0n,
    );
  }

  use(): PoolUse {
    return {
      pool: this.pool,
      total: { ipv4: this.total("ipv4"), ipv6: this.total("ipv6") },
      used: { ...this.used },
      reserved: this.#sum((block) => block.reservedFree),
      cooling: this.#sum((block) => block.cooling.size),
      excluded: { ipv4: this.#excluded("ipv4"), ipv6: this.#excluded("ipv6") },
      kept: { ...this.keptExcluded },
      services: this.services,
      quotas: this.#namespaces?.list() ?? [],
    };
  }

  has(family: Family): boolean {
    return this.#blocks.some((block) => block.range.first.family === family);
  }

  /** The first block in declared order with an address for the claimant, and the lowest such address in it. */
  #lowestAny(family: Family, claimant: Claimant): { block: AddressBlock; value: bigint } | undefined {
    const mayShare = claimant.sharing.key !== "";
    for (let at = mayShare ? 0 : this.#open[family]; at < this.#blocks.length; at++) {
      const block = this.#blocks[at] as AddressBlock;
      const value = block.range.first.family === family ? block.lowestFor(claimant) : undefined;
      if (value !== undefined) return { block, value };
      if (!mayShare) this.#open[family] = at + 1;
    }
    return undefined;
  }

  /**
   * The lowest address for the claimant within its namespace's quota, of which `spent` addresses more are as good as
   * taken. Where the quota is used up it may still share an address that its namespace holds.
   */
  lowest(family: Family, claimant: Claimant, spent = 0): Offer | undefined {
    const found = this.#lowestAny(family, claimant);
    const namespaces = this.#namespaces;
    if (!namespaces) return found && { ...found, isNew: true };
    const { namespace } = claimant;
    if (found) {
      const isNew = !namespaces.has(namespace, found.block.held.get(found.value));
      if (!isNew || this.room(namespace) > spent) return { ...found, isNew };
    }
    if (claimant.sharing.key === "") return undefined;
    let lowest: Offer | undefined;
    for (const held of namespaces.addressesOf(namespace)) {
      const { block, address } = held;
      const { value } = address;
      if (!block || address.family !== family || (lowest && lowest.value < value)) continue;
      if (block.excludes(value) || !block.isOpenToSharers(held) || sharingRefusal(held, claimant)) continue;
      lowest = { block, value, isNew: false };
    }
    return lowest;
  }

  /** One of the claimant's own addresses, or else any. */
  offerOwn({ family, value }: IpAddress, claimant: Claimant, spent: number): Offer | undefined {
    const block = this.#blocks.find(
      ({ range }) => range.first.family === family && range.first.value <= value && value <= range.last.value,
    );
    const isNew = !this.namespaceHolds(claimant.namespace, block?.held.get(value));
    if (!block || (isNew && this.room(claimant.namespace) <= spent))
      return this.lowest(family, claimant, spent);
    return { block, value, isNew };
  }

  /** How many addresses more the namespace may hold. */
  room(namespace: string): number {
    const namespaces = this.#namespaces;
    return namespaces ? namespaces.limit(namespace) - namespaces.heldBy(namespace) : Number.POSITIVE_INFINITY;
  }

  namespaceHolds(namespace: string, held: Held | undefined): boolean {
    return this.#namespaces?.has(namespace, held) ?? false;
  }

  /** The namespace may not hold so many. */
  overQuota(namespace: string): PoolStep {
    return this.step("blocked", "pool.quota", {
      namespace,
      held: this.#namespaces?.heldBy(namespace) ?? 0,
      limit: this.#namespaces?.limit(namespace) ?? 0,
    });
  }

  /** Why `serviceAllocation` keeps the claimant out, or undefined where it may have addresses of this pool. */
  refusal(claimant: Claimant): PoolStep | undefined {
    const allocation = this.pool.serviceAllocation;
    if (!allocation) return undefined;
    const { namespaces, namespaceSelectors, serviceSelectors } = allocation;
    const isForAll = namespaces.length === 0 && namespaceSelectors.length === 0;
    const { namespace, namespaceLabels } = claimant;
    const isForNamespace =
      isForAll ||
      namespaces.includes(namespace) ||
      (namespaceLabels !== undefined &&
        namespaceSelectors.some((selector) => matchesSelector(selector, namespaceLabels)));
    if (!isForNamespace) return this.step("skipped", "pool.namespace-not-allowed", { namespace });
    if (!matchesAnySelector(serviceSelectors, claimant.labels)) {
      return this.step("skipped", "pool.service-not-selected");
    }
    return undefined;
  }

  /** Why the pool has no address of the family to give. */
  lack(family: Family, { namespace }: Claimant, spent = 0): PoolStep {
    if (this.has(family) && this.room(namespace) <= spent) return this.overQuota(namespace);
    const name = familyNames[family];
    const used = this.used[family];
    let reserved = 0;
    let cooling = 0;
    for (const block of this.#blocks) {
      if (block.range.first.family !== family) continue;
      reserved += block.reservedFree;
      cooling += block.cooling.size;
    }
    const last = this.#lacks[family];
    if (last?.used === used && last.reserved === reserved && last.cooling === cooling) return last.step;
    const params = { family: name, used, total: `${this.total(family)}` };
    const step = !this.has(family)
      ? this.step("skipped", "pool.no-family", { family: name })
      : reserved + cooling === 0
        ? this.step("skipped", "pool.exhausted", params)
        : this.step("skipped", "pool.exhausted-kept-back", { ...params, reserved, cooling });
    this.#lacks[family] = { used, reserved, cooling, step };
    return step;
  }

  /** The same step for everyone it concerns: ten thousand Services that skip a pool share one object. */
  step(verdict: PoolStep["verdict"], code: ReasonCode, params: ReasonParams = {}): PoolStep {
    let key: string = code;
    for (const name in params) key += ` ${params[name]}`;
    let step = this.#steps.get(key);
    if (!step) {
      if (this.#steps.size >= stepsMax) this.#steps.clear();
      const why = reason(code, { pool: this.pool.name, ...params });
      step = { stage: "pool", subject: this.pool.name, verdict, why };
      this.#steps.set(key, step);
    }
    return step;
  }

  #sum(count: (block: AddressBlock) => number): Record<Family, number> {
    const sums = { ipv4: 0, ipv6: 0 };
    for (const block of this.#blocks) sums[block.range.first.family] += count(block);
    return sums;
  }

  #excluded(family: Family): bigint {
    return this.#blocks.reduce(
      (sum, block) => (block.range.first.family === family ? sum + block.excludedCount : sum),
      0n,
    );
  }

  *#held(): IterableIterator<Held> {
    for (const block of this.#blocks) yield* block.held.values();
  }
}
