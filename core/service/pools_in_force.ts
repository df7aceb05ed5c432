import type { Pool } from "#core/config/mod.ts";
import type { Allocator, PoolChange } from "#core/ipam/mod.ts";
import { MissingPools, type MissingPoolTimes } from "./missing_pools.ts";
import { onRemovalAnnotation, poolAnnotation } from "./service_key.ts";
import type { ServiceView } from "./types.ts";

/** What the allocator is told of pools: those that are declared, and those whose Services keep what they have. */
export class PoolsInForce {
  readonly #allocator: Allocator;
  readonly #missing: MissingPools;
  #declared: readonly Pool[] = [];
  #rejected: ReadonlySet<string> = new Set();

  constructor(allocator: Allocator, times: MissingPoolTimes = { removalGraceMs: 0, returnGraceMs: 0 }) {
    this.#allocator = allocator;
    this.#missing = new MissingPools(times);
  }

  get declared(): readonly Pool[] {
    return this.#declared;
  }

  get isHolding(): boolean {
    return this.#missing.isHolding;
  }

  set(pools: readonly Pool[], rejected: ReadonlySet<string>, now: number): void {
    this.#declared = pools;
    this.#rejected = rejected;
    this.#missing.update(pools, rejected, now);
  }

  apply(): PoolChange {
    return this.#allocator.setPools(this.#declared, this.#rejected.union(this.#missing.names));
  }

  /** What the annotations of a Service that was not known say of a pool that is gone. True: `apply` again. */
  meet({ type, ingress, annotations }: ServiceView, now: number): boolean {
    const pool = annotations[poolAnnotation];
    if (pool === undefined || type !== "LoadBalancer" || ingress.length === 0) return false;
    if (annotations[onRemovalAnnotation] !== "keep") return this.#missing.sees(pool, now);
    this.#allocator.keepRemoved(pool);
    return false;
  }

  expire(now: number): boolean {
    return this.#missing.expire(now);
  }

  nextDeadline(): number | undefined {
    return this.#missing.nextDeadline();
  }
}
