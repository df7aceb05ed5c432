import type { EndpointView } from "#core/service/mod.ts";

interface Arrival {
  readonly service: string;
  readonly node: string;
  readonly sinceMs: number;
}

/** Older than the longest delay that an advertisement may ask for: nothing is told apart by it. */
const rememberedMs = 60_000;

/** Nodes with an endpoint that can serve. */
export function servingNodes(endpoints: readonly EndpointView[]): Set<string> {
  const nodes = new Set<string>();
  for (const { canServe, nodeName, addresses } of endpoints) {
    if (canServe && nodeName !== undefined && addresses.length > 0) nodes.add(nodeName);
  }
  return nodes;
}

/**
 * Since when a node has had an endpoint of a Service without a break, as this speaker saw it: an EndpointSlice says
 * nothing of times. What was there when this speaker started counts as old, so that a restart moves nothing.
 */
export class EndpointAges {
  readonly #since = new Map<string, Map<string, number>>();
  /** Seen since the last decision, which will say when that was. */
  #unstamped: { service: string; node: string }[] = [];
  /** In the order of time. */
  #arrivals: Arrival[] = [];
  #delays: readonly number[] = [];
  #nowMs = Number.NEGATIVE_INFINITY;

  /** Those that advertisements ask for, ms. */
  setDelays(delays: Iterable<number>): void {
    this.#delays = [...new Set(delays)].filter((ms) => ms > 0);
  }

  changed(service: string, before: readonly EndpointView[], after: readonly EndpointView[]): void {
    const [had, has] = [servingNodes(before), servingNodes(after)];
    for (const node of has) if (!had.has(node)) this.#unstamped.push({ service, node });
    for (const node of had) if (!has.has(node)) this.#forget(service, node);
  }

  /** By node, epoch ms; what is old is not there. */
  of(service: string): ReadonlyMap<string, number> | undefined {
    return this.#since.get(service);
  }

  /** Goes on to `nowMs`, and gives the Services of which an endpoint has come of age since the last time. */
  advance(nowMs: number): Set<string> {
    const due = new Set<string>();
    const isFirst = this.#nowMs === Number.NEGATIVE_INFINITY;
    if (nowMs < this.#nowMs) {
      // The clock was set back: ages mean nothing any more.
      for (const service of this.#since.keys()) due.add(service);
      this.#since.clear();
      this.#arrivals = [];
    }
    for (const { service, node } of isFirst ? [] : this.#unstamped) this.#remember(service, node, nowMs);
    this.#unstamped = [];
    for (const delay of this.#delays) {
      const to = this.#after(nowMs - delay);
      for (let at = this.#after(this.#nowMs - delay); at < to; at++) {
        const arrival = this.#arrivals[at];
        if (arrival) due.add(arrival.service);
      }
    }
    for (const old of this.#arrivals.splice(0, this.#after(nowMs - rememberedMs)))
      if (this.#since.get(old.service)?.get(old.node) === old.sinceMs) this.#forget(old.service, old.node);
    this.#nowMs = nowMs;
    return due;
  }

  /** When an endpoint comes of age next, epoch ms. */
  get next(): number | undefined {
    const moments = this.#delays.flatMap((delay) => {
      const next = this.#arrivals[this.#after(this.#nowMs - delay)];
      return next ? [next.sinceMs + delay] : [];
    });
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  #remember(service: string, node: string, sinceMs: number): void {
    const nodes = this.#since.get(service) ?? new Map<string, number>();
    this.#since.set(service, nodes.set(node, sinceMs));
    this.#arrivals.push({ service, node, sinceMs });
  }

  #forget(service: string, node: string): void {
    this.#unstamped = this.#unstamped.filter((each) => each.service !== service || each.node !== node);
    const nodes = this.#since.get(service);
    nodes?.delete(node);
    if (nodes?.size === 0) this.#since.delete(service);
  }

  /** Index of the first that came after the moment. */
  #after(moment: number): number {
    let [low, high] = [0, this.#arrivals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#arrivals[middle]?.sinceMs ?? 0) > moment) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
