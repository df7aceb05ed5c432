import { matchesAnySelector, matchesSelector, type Pool } from "#core/config/mod.ts";
import type { Family } from "#core/net/mod.ts";
import { type ReasonCode, type ReasonParams, reason } from "#core/reason/mod.ts";
import type { AddressBlock } from "./address_block.ts";
import { familyNames } from "./family_names.ts";
import type { Claimant, PoolStep, PoolUse } from "./types.ts";

const stepsMax = 256;

/** One pool at work: its blocks in the order they were declared, and what is used of them. */
export class PoolState {
  pool: Pool;
  readonly used: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  /** Services with at least one address here. */
  services = 0;
  #blocks: readonly AddressBlock[] = [];
  /** Blocks before these are full: the search starts there. */
  readonly #open: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  readonly #steps = new Map<string, PoolStep>();
  #lacks: Partial<Record<Family, { used: number; step: PoolStep }>> = {};

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

  /** An address of the block was given back. */
  reopen(block: AddressBlock): void {
    const { family } = block.range.first;
    this.#open[family] = Math.min(this.#open[family], this.#blocks.indexOf(block));
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
      services: this.services,
    };
  }

  has(family: Family): boolean {
    return this.#blocks.some((block) => block.range.first.family === family);
  }

  /** The first block in declared order with an address for the claimant, and the lowest such address in it. */
  lowest(family: Family, claimant: Claimant): { block: AddressBlock; value: bigint } | undefined {
    const mayShare = claimant.sharing.key !== "";
    for (let at = mayShare ? 0 : this.#open[family]; at < this.#blocks.length; at++) {
      const block = this.#blocks[at] as AddressBlock;
      const value = block.range.first.family === family ? block.lowestFor(claimant) : undefined;
      if (value !== undefined) return { block, value };
      if (!mayShare) this.#open[family] = at + 1;
    }
    return undefined;
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
  lack(family: Family): PoolStep {
    const last = this.#lacks[family];
    if (last?.used === this.used[family]) return last.step;
    const name = familyNames[family];
    const used = this.used[family];
    const step = this.has(family)
      ? this.step("skipped", "pool.exhausted", { family: name, used, total: `${this.total(family)}` })
      : this.step("skipped", "pool.no-family", { family: name });
    this.#lacks[family] = { used, step };
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
}
