/** What the rule looks at in a configuration object. */
interface Named {
  readonly metadata: { readonly name: string };
}

/** A kind whose last object goes may be one of many: they are deleted one kind after the other. */
const emptiedGraceMs = 2_000;
/** The first pool is back: the rest of the configuration may follow, as the controller grants it too. */
const returnGraceMs = 60_000;

/**
 * Failure story 24: an upgrade deletes the CRDs, and every object of the configuration with them. Where no IPAddressPool
 * is left, what was configured stays in force, however the rest of it went at about the same time, until there are
 * pools again: so what Services hold stays announced. To release addresses on purpose is the controller's to do
 * (`metallb.io/on-removal: release`); what a Service holds no more is announced by nobody.
 */
export class HeldConfiguration<Kind extends string, Item extends Named> {
  readonly #pools: Kind;
  readonly #inForce = new Map<Kind, readonly Item[]>();
  readonly #emptiedAt = new Map<Kind, number>();
  #isHolding = false;
  #backAt: number | undefined;

  constructor(pools: Kind) {
    this.#pools = pools;
  }

  /** All pools vanished, and what was configured is in force nonetheless. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** What is in force of what is there now, by the steady clock. */
  take(live: Readonly<Record<Kind, readonly Item[]>>, now: number): Record<Kind, Item[]> {
    const arePoolsThere = live[this.#pools].length > 0;
    if (arePoolsThere && this.#isHolding) this.#backAt = now;
    this.#isHolding = !arePoolsThere && (this.#inForce.get(this.#pools)?.length ?? 0) > 0;
    if (this.#isHolding || now - (this.#backAt ?? now) >= returnGraceMs) this.#backAt = undefined;
    const kinds = Object.keys(live) as Kind[];
    return Object.fromEntries(kinds.map((kind) => [kind, this.#kind(kind, live[kind], now)])) as Record<
      Kind,
      Item[]
    >;
  }

  /** When the same objects may mean something else; undefined: not by themselves. */
  nextDeadline(): number | undefined {
    const isKept = this.#isHolding || this.#backAt !== undefined;
    const emptied = isKept ? [] : [...this.#emptiedAt.values()].map((at) => at + emptiedGraceMs);
    const back = this.#backAt === undefined ? [] : [this.#backAt + returnGraceMs];
    const least = Math.min(...emptied, ...back);
    return Number.isFinite(least) ? least : undefined;
  }

  #kind(kind: Kind, live: readonly Item[], now: number): Item[] {
    const before = this.#inForce.get(kind) ?? [];
    if (live.length > 0 || before.length === 0) this.#emptiedAt.delete(kind);
    else if (!this.#emptiedAt.has(kind)) this.#emptiedAt.set(kind, now);
    const inForce = this.#isKept(kind, now) ? union(live, before) : [...live];
    if (inForce.length === 0) this.#emptiedAt.delete(kind);
    this.#inForce.set(kind, inForce);
    return inForce;
  }

  #isKept(kind: Kind, now: number): boolean {
    if (this.#isHolding || this.#backAt !== undefined) return true;
    return now - (this.#emptiedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < emptiedGraceMs;
  }
}

/** What is there now, and of what was there whatever is missing. */
function union<Item extends Named>(live: readonly Item[], before: readonly Item[]): Item[] {
  const names = new Set(live.map(({ metadata }) => metadata.name));
  return [...live, ...before.filter(({ metadata }) => !names.has(metadata.name))];
}
