import type { AddressConflict, SpeakerState } from "#server/ports.ts";

type Announcement = SpeakerState["announcements"][number];

/** Who announces what, joined from the states of all speakers that answer; kept as states come in. */
export class AnnouncerIndex {
  readonly #states = new Map<string, SpeakerState>();
  /** address -> node -> what that node says of it. */
  readonly #layer2 = new Map<string, Map<string, Announcement>>();
  /** Of the nodes that have any. */
  readonly #conflicts = new Map<string, (AddressConflict & { node: string })[]>();
  /** Service -> nodes that have a route for it. */
  readonly #bgp = new Map<string, Set<string>>();

  /** The node's state is this now; undefined: it does not answer. Gives the addresses and Services that it touches. */
  set(node: string, state: SpeakerState | undefined): { addresses: Set<string>; services: Set<string> } {
    const touched = { addresses: new Set<string>(), services: new Set<string>() };
    const before = this.#states.get(node);
    if (state) this.#states.set(node, state);
    else this.#states.delete(node);

    const held = new Map(before?.announcements.map((one) => [one.address, one]));
    for (const announcement of state?.announcements ?? []) {
      const { address } = announcement;
      const known = held.get(address);
      if (!known || !standsAlike(known, announcement)) touched.addresses.add(address);
      held.delete(address);
      nested(this.#layer2, address, () => new Map<string, Announcement>()).set(node, announcement);
    }
    for (const address of held.keys()) {
      touched.addresses.add(address);
      removeNested(this.#layer2, address, node);
    }

    const conflicts = state?.conflicts?.map((conflict) => ({ ...conflict, node })) ?? [];
    if (conflicts.length > 0) this.#conflicts.set(node, conflicts);
    else this.#conflicts.delete(node);
    for (const address of conflicted(before).symmetricDifference(conflicted(state)))
      touched.addresses.add(address);

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

  /** Other hosts that speak as an address, as the nodes that hear them say. */
  conflicts(): (AddressConflict & { node: string })[] {
    return [...this.#conflicts.values()].flat();
  }

  /** Nodes that answer for the address: not those that have not announced it yet, nor those that hand it over. */
  answeringFor(address: string): string[] {
    return [...this.layer2Of(address)].flatMap(([node, { interfaces, yieldingTo }]) => {
      const isOut = interfaces.length > 0 || this.#states.get(node)?.recordOnly;
      return isOut && yieldingTo === undefined ? [node] : [];
    });
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

function conflicted(state: SpeakerState | undefined): Set<string> {
  return new Set(state?.conflicts?.map(({ address }) => address));
}

function standsAlike(a: Announcement, b: Announcement): boolean {
  const areBothOut = a.interfaces.length > 0 === b.interfaces.length > 0;
  return areBothOut && a.since === b.since && a.phase === b.phase && a.yieldingTo === b.yieldingTo;
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
