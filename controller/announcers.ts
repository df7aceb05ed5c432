import type { SpeakerState } from "#server/ports.ts";

type Announcement = SpeakerState["announcements"][number];

/** Who announces what, joined from the states of all speakers that answer; kept as states come in. */
export class AnnouncerIndex {
  readonly #states = new Map<string, SpeakerState>();
  /** address -> node -> what that node says of it. */
  readonly #layer2 = new Map<string, Map<string, Announcement>>();
  /** Service -> nodes that have a route for it. */
  readonly #bgp = new Map<string, Set<string>>();

  /** The node's state is this now; undefined: it does not answer. Gives the addresses and Services that it touches. */
  set(node: string, state: SpeakerState | undefined): { addresses: Set<string>; services: Set<string> } {
    const touched = { addresses: new Set<string>(), services: new Set<string>() };
    const before = this.#states.get(node);
    if (state) this.#states.set(node, state);
    else this.#states.delete(node);

    const held = new Map(before?.announcements.map((one) => [one.address, one.since]));
    for (const announcement of state?.announcements ?? []) {
      const { address, since } = announcement;
      if (held.get(address) !== since) touched.addresses.add(address);
      held.delete(address);
      nested(this.#layer2, address, () => new Map<string, Announcement>()).set(node, announcement);
    }
    for (const address of held.keys()) {
      touched.addresses.add(address);
      removeNested(this.#layer2, address, node);
    }

    const routed = new Set(before?.routes.flatMap((route) => route.services));
    const routes = new Set(state?.routes.flatMap((route) => route.services));
    for (const service of routes.difference(routed)) {
      touched.services.add(service);
      nested(this.#bgp, service, () => new Set<string>()).add(node);
    }
    for (const service of routed.difference(routes)) {
      touched.services.add(service);
      removeNested(this.#bgp, service, node);
    }
    return touched;
  }

  states(): IterableIterator<SpeakerState> {
    return this.#states.values();
  }

  stateOf(node: string): SpeakerState | undefined {
    return this.#states.get(node);
  }

  /** Addresses that some speaker says it answers for. */
  layer2Addresses(): IterableIterator<string> {
    return this.#layer2.keys();
  }

  layer2Of(address: string): ReadonlyMap<string, Announcement> {
    return this.#layer2.get(address) ?? new Map();
  }

  bgpOf(service: string): ReadonlySet<string> {
    return this.#bgp.get(service) ?? new Set();
  }
}

function nested<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

function removeNested<Key, Inner>(
  map: Map<Key, { delete(key: Inner): boolean; readonly size: number }>,
  key: Key,
  inner: Inner,
): void {
  const found = map.get(key);
  found?.delete(inner);
  if (found?.size === 0) map.delete(key);
}
