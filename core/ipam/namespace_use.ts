import type { NamespaceQuota } from "#core/config/mod.ts";
import type { Held } from "./holding.ts";
import type { NamespaceHolding } from "./types.ts";

/** How many addresses of a pool each namespace holds, against the pool's quota. A shared address counts once in each. */
export class NamespaceUse {
  readonly #held = new Map<string, Map<Held, number>>();

  constructor(readonly quota: NamespaceQuota) {}

  count(held: Held, service: string, change: 1 | -1): void {
    const namespace = namespaceOf(service);
    const own = this.#held.get(namespace) ?? new Map<Held, number>();
    this.#held.set(namespace, own);
    const services = (own.get(held) ?? 0) + change;
    if (services > 0) own.set(held, services);
    else own.delete(held);
    if (own.size === 0) this.#held.delete(namespace);
  }

  heldBy(namespace: string): number {
    return this.#held.get(namespace)?.size ?? 0;
  }

  limit(namespace: string): number {
    const { byNamespace, others } = this.quota;
    const own = Object.hasOwn(byNamespace, namespace) ? byNamespace[namespace] : undefined;
    return own ?? others ?? Number.POSITIVE_INFINITY;
  }

  /** By name. */
  list(): NamespaceHolding[] {
    return [...this.#held]
      .map(([namespace, held]) => ({ namespace, held: held.size, limit: this.limit(namespace) }))
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }

  has(namespace: string, held: Held | undefined): boolean {
    return held !== undefined && this.#held.get(namespace)?.has(held) === true;
  }

  /** At most as many as the quota allows. */
  addressesOf(namespace: string): Iterable<Held> {
    return this.#held.get(namespace)?.keys() ?? [];
  }
}

export function namespaceOf(service: string): string {
  return service.slice(0, service.indexOf("/"));
}
