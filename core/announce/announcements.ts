import type { BgpAdvertisement, Config, Pool } from "#core/config/mod.ts";
import { parseAddress, rangeContains } from "#core/net/mod.ts";
import { type EndpointView, poolAnnotation, type ServiceView } from "#core/service/mod.ts";
import { EndpointAges } from "./endpoint_ages.ts";
import { AddressGroups } from "./groups.ts";
import type { Layer2Change, Layer2Entry } from "./layer2_entry.ts";
import { Layer2Node } from "./layer2_node.ts";
import { nodeChange } from "./node_change.ts";
import { NodeRoutes, type RouteChange } from "./node_routes.ts";
import type { AnnouncedService, NodeFacts } from "./types.ts";

export interface AnnouncementChanges {
  readonly layer2: readonly Layer2Change[];
  readonly routes: readonly RouteChange[];
  /** {@link Announcements.standby} gives another set than before. */
  readonly isStandbyChanged: boolean;
  /** {@link Announcements.heirs} may give others than before. */
  readonly areHeirsChanged: boolean;
}

/**
 * What one node announces, kept as facts come in. Every setter marks only what it touches; {@link decide} works off
 * the marks and returns what came out differently. A change of one Service costs its address group; a node that dies
 * or returns costs the groups in which it stands near; a change of the configuration, or of this node, costs one pass
 * over all Services.
 */
export class Announcements {
  readonly #node: string;
  readonly #ignoreExcludeLabel: boolean;
  readonly #services = new Map<string, ServiceView>();
  readonly #endpoints = new Map<string, readonly EndpointView[]>();
  readonly #ages = new EndpointAges();
  readonly #groups = new AddressGroups();
  readonly #layer2: Layer2Node;
  readonly #routes = new NodeRoutes();
  readonly #marked = new Set<string>();
  readonly #strayAddresses = new Set<string>();
  #nodes: readonly NodeFacts[] = [];
  #pools: readonly Pool[] = [];
  #bgpAdvertisements: readonly BgpAdvertisement[] = [];

  constructor(options: { node: string; ignoreExcludeLabel: boolean }) {
    this.#node = options.node;
    this.#ignoreExcludeLabel = options.ignoreExcludeLabel;
    this.#layer2 = new Layer2Node(options.node, options.ignoreExcludeLabel, this.#groups, (key) =>
      this.#announced(key),
    );
  }

  setConfig(config: Config): void {
    this.#ages.setDelays(config.l2Advertisements.map(({ policy }) => policy?.endpointDelayMs ?? 0));
    this.#pools = config.pools;
    this.#bgpAdvertisements = config.bgpAdvertisements;
    this.#layer2.setAdvertisements(config.l2Advertisements);
    this.#markAll();
  }

  setNodes(nodes: readonly NodeFacts[]): void {
    const change = nodeChange(this.#nodes, nodes);
    this.#nodes = nodes;
    if (change !== "any" && change.length === 0) return;
    const isAll = this.#layer2.setNodes(nodes, change);
    if (isAll || change === "any" || change.some(({ name }) => name === this.#node)) this.#markAll();
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
    this.#ages.changed(key, this.#endpoints.get(key) ?? [], endpoints);
    if (endpoints.length > 0) this.#endpoints.set(key, endpoints);
    else this.#endpoints.delete(key);
    for (const member of this.#groups.groupOf(key)?.services ?? []) this.#marked.add(member);
  }

  /** Who announced the Service's addresses last, as its ServiceL2Status says. */
  setIncumbent(key: string, node: string | undefined): void {
    if (!this.#layer2.setIncumbent(key, node)) return;
    for (const member of this.#groups.groupOf(key)?.services ?? []) this.#marked.add(member);
  }

  layer2(): IterableIterator<Layer2Entry> {
    return this.#layer2.entries();
  }

  /** The addresses that this node takes when their `winner` is lost. */
  standby(): IterableIterator<Layer2Entry> {
    return this.#layer2.standby();
  }

  /** Who takes over from this node, most addresses first, at most 32. */
  heirs(): string[] {
    return this.#layer2.heirs();
  }

  /** When to decide again though nothing happened, epoch ms: a node has been stable, or has had its endpoint, for long enough. */
  nextDeadline(): number | undefined {
    const moments = [this.#layer2.nextDeadline(), this.#ages.next].filter((at) => at !== undefined);
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** `nowMs` is epoch ms, which only damping, failback policies and endpoint delays heed. */
  decide(nowMs: number): AnnouncementChanges {
    const routes: RouteChange[] = [];
    for (const service of this.#ages.advance(nowMs))
      for (const member of this.#groups.groupOf(service)?.services ?? []) this.#marked.add(member);
    const { isEverything, touched } = this.#layer2.begin(nowMs);
    if (isEverything) this.#markAll();
    const node = this.#nodes.find(({ name }) => name === this.#node);
    for (const key of this.#marked) {
      const change = this.#routes.decide(
        key,
        this.#announced(key),
        this.#bgpAdvertisements,
        node,
        this.#ignoreExcludeLabel,
      );
      if (change) routes.push(change);
    }
    for (const key of touched) this.#marked.add(key);
    const layer2 = this.#layer2.decide(this.#marked, this.#strayAddresses);
    this.#marked.clear();
    this.#strayAddresses.clear();
    return { ...layer2, routes };
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
    if (pool === undefined) return undefined;
    const endpointsSince = this.#ages.of(key);
    const endpoints = this.#endpoints.get(key) ?? [];
    return { view, pool, endpoints, ...(endpointsSince && { endpointsSince }) };
  }

  #markAll(): void {
    for (const key of this.#groups.services()) this.#marked.add(key);
  }
}
