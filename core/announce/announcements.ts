import type { BgpAdvertisement, Config, L2Advertisement, Pool } from "#core/config/mod.ts";
import { parseAddress, rangeContains } from "#core/net/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import { type EndpointView, poolAnnotation, type ServiceView } from "#core/service/mod.ts";
import { announceBgp } from "./bgp.ts";
import { type AddressGroup, AddressGroups } from "./groups.ts";
import { comesBefore, electLayer2 } from "./layer2.ts";
import { nodeChange } from "./node_change.ts";
import type { AnnouncedService, BgpRoute, NodeFacts } from "./types.ts";

/** What is decided for one address at layer 2. */
export interface Layer2Entry {
  readonly address: string;
  /** `namespace/name` of every Service in the address's group. */
  readonly services: readonly string[];
  readonly winner?: string;
  readonly interfaces: readonly string[];
  /** The address whose hash orders the candidates. */
  readonly hashed: string;
  /** Why this node is no candidate; undefined where it is one. */
  readonly barrier?: Reason;
  readonly blocked?: Reason;
}

export interface Layer2Change {
  readonly address: string;
  readonly before?: Layer2Entry;
  readonly after?: Layer2Entry;
}

/** The routes of one Service on this node, and why there are none. */
export interface RouteChange {
  readonly service: string;
  readonly before: readonly BgpRoute[];
  readonly after: readonly BgpRoute[];
  readonly blocked?: Reason;
}

export interface AnnouncementChanges {
  readonly layer2: readonly Layer2Change[];
  readonly routes: readonly RouteChange[];
}

/**
 * What one node announces, kept as facts come in. Every setter marks only what it touches; {@link decide} works off
 * the marks and returns what came out differently. A change of one Service costs its address group; a change of the
 * nodes, the live speakers or the configuration costs one pass over all Services.
 */
export class Announcements {
  readonly #node: string;
  readonly #ignoreExcludeLabel: boolean;
  readonly #services = new Map<string, ServiceView>();
  readonly #endpoints = new Map<string, readonly EndpointView[]>();
  readonly #groups = new AddressGroups();
  readonly #layer2 = new Map<string, Layer2Entry>();
  readonly #routes = new Map<string, readonly BgpRoute[]>();
  readonly #marked = new Set<string>();
  readonly #strayAddresses = new Set<string>();
  #nodes: readonly NodeFacts[] = [];
  #pools: readonly Pool[] = [];
  #l2Advertisements: readonly L2Advertisement[] = [];
  #bgpAdvertisements: readonly BgpAdvertisement[] = [];

  constructor(options: { node: string; ignoreExcludeLabel: boolean }) {
    this.#node = options.node;
    this.#ignoreExcludeLabel = options.ignoreExcludeLabel;
  }

  setConfig(config: Config): void {
    this.#pools = config.pools;
    this.#l2Advertisements = config.l2Advertisements;
    this.#bgpAdvertisements = config.bgpAdvertisements;
    this.#markAll();
  }

  setNodes(nodes: readonly NodeFacts[]): void {
    const change = nodeChange(this.#nodes, nodes);
    this.#nodes = nodes;
    if (change === "any" || change.some((node) => node.name === this.#node)) this.#markAll();
    else this.#markMoved(change);
  }

  /** A Service as it is now, or undefined when it is gone or no longer ours to serve. */
  setService(key: string, view: ServiceView | undefined): void {
    for (const address of this.#services.get(key)?.ingress ?? []) this.#strayAddresses.add(address);
    if (view) this.#services.set(key, view);
    else this.#services.delete(key);
    const addresses = view?.type === "LoadBalancer" ? view.ingress : [];
    for (const touched of this.#groups.set(key, addresses)) this.#marked.add(touched);
  }

  setEndpoints(key: string, endpoints: readonly EndpointView[]): void {
    if (endpoints.length > 0) this.#endpoints.set(key, endpoints);
    else this.#endpoints.delete(key);
    for (const member of this.#groups.groupOf(key)?.services ?? []) this.#marked.add(member);
  }

  layer2(): IterableIterator<Layer2Entry> {
    return this.#layer2.values();
  }

  decide(): AnnouncementChanges {
    const layer2: Layer2Change[] = [];
    const routes: RouteChange[] = [];
    const decided = new Set<string>();
    for (const key of this.#marked) {
      const routeChange = this.#decideRoutes(key);
      if (routeChange) routes.push(routeChange);
      const group = this.#groups.groupOf(key);
      if (!group || decided.has(group.firstAddress)) continue;
      decided.add(group.firstAddress);
      layer2.push(...this.#decideGroup(group));
    }
    for (const address of this.#strayAddresses) {
      const before = this.#layer2.get(address);
      if (!before || this.#groups.holdersOf(address).size > 0) continue;
      this.#layer2.delete(address);
      layer2.push({ address, before });
    }
    this.#marked.clear();
    this.#strayAddresses.clear();
    return { layer2, routes };
  }

  #decideGroup(group: AddressGroup): Layer2Change[] {
    const services = group.services.flatMap((key) => this.#announced(key) ?? []);
    const election = electLayer2(services, group.firstAddress, this.#l2Advertisements, {
      nodes: this.#nodes,
      ignoreExcludeLabel: this.#ignoreExcludeLabel,
    });
    const own = election.ranking.find((row) => row.node === this.#node);
    const changes: Layer2Change[] = [];
    for (const address of group.addresses) {
      const after: Layer2Entry = {
        address,
        services: group.services,
        interfaces: election.interfaces,
        hashed: group.firstAddress,
        ...(election.winner === undefined ? {} : { winner: election.winner }),
        ...(election.blocked ? { blocked: election.blocked } : {}),
        ...(own?.rank === 0 ? { barrier: own.why } : {}),
      };
      const before = this.#layer2.get(address);
      if (before && sameEntry(before, after)) continue;
      this.#layer2.set(address, after);
      changes.push({ address, after, ...(before ? { before } : {}) });
    }
    return changes;
  }

  #decideRoutes(key: string): RouteChange | undefined {
    const before = this.#routes.get(key) ?? [];
    const node = this.#nodes.find((each) => each.name === this.#node);
    const service = this.#announced(key);
    const announcement =
      node && service
        ? announceBgp(service, this.#bgpAdvertisements, node, this.#ignoreExcludeLabel)
        : undefined;
    const after = announcement?.routes ?? [];
    if (sameRoutes(before, after)) return undefined;
    if (after.length > 0) this.#routes.set(key, after);
    else this.#routes.delete(key);
    return {
      service: key,
      before,
      after,
      ...(announcement?.blocked ? { blocked: announcement.blocked } : {}),
    };
  }

  /**
   * The Service with its pool; undefined while it has no address. Addresses that no pool holds any more are announced
   * for as long as the controller leaves them with the Service: its annotation names the pool they came from.
   */
  #announced(key: string): AnnouncedService | undefined {
    const view = this.#services.get(key);
    if (view?.type !== "LoadBalancer" || view.ingress.length === 0) return undefined;
    const addresses = view.ingress.map(parseAddress);
    const holding = this.#pools.find((each) =>
      addresses.every((address) => address && each.ranges.some((range) => rangeContains(range, address))),
    );
    const pool = holding?.name ?? view.annotations[poolAnnotation];
    return pool === undefined ? undefined : { view, pool, endpoints: this.#endpoints.get(key) ?? [] };
  }

  /**
   * Other nodes came or went as candidates: of their groups only those are decided anew that such a node leads, that
   * nobody leads, or in which it comes before the leader. So a death costs what the dead node led.
   */
  #markMoved(changed: readonly NodeFacts[]): void {
    const isWeighted = this.#l2Advertisements.some((ad) => ad.preferredNodeSelectors.length > 0);
    for (const entry of this.#layer2.values()) {
      const isTouched = changed.some(
        (node) =>
          entry.winner === undefined ||
          entry.winner === node.name ||
          (node.hasSpeaker && (isWeighted || comesBefore(node.name, entry.winner, entry.hashed))),
      );
      if (isTouched) for (const service of entry.services) this.#marked.add(service);
    }
  }

  #markAll(): void {
    for (const key of this.#groups.services()) this.#marked.add(key);
  }
}

function sameEntry(a: Layer2Entry, b: Layer2Entry): boolean {
  return (
    a.winner === b.winner &&
    a.hashed === b.hashed &&
    a.blocked?.code === b.blocked?.code &&
    a.barrier?.code === b.barrier?.code &&
    sameList(a.interfaces, b.interfaces) &&
    sameList(a.services, b.services)
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

function sameRoutes(a: readonly BgpRoute[], b: readonly BgpRoute[]): boolean {
  return a.length === b.length && a.every((route, index) => sameRoute(route, b[index] as BgpRoute));
}

function sameRoute(a: BgpRoute, b: BgpRoute): boolean {
  return (
    a.prefix.length === b.prefix.length &&
    a.prefix.address.value === b.prefix.address.value &&
    a.prefix.address.family === b.prefix.address.family &&
    a.localPref === b.localPref &&
    sameList(a.peers, b.peers) &&
    sameList(a.communities, b.communities)
  );
}
