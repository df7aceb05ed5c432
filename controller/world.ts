import {
  type AddressGroup,
  AddressGroups,
  type AnnouncedService,
  announceBgp,
  type Cluster,
  electLayer2,
  type Layer2Election,
  type NodeFacts,
} from "#core/announce/mod.ts";
import type { Config } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { Decision, NodeView, ServiceBook } from "#core/service/mod.ts";
import type { EndpointIndex, Informer, VersionedService } from "#k8s/mod.ts";
import type { Speakers } from "./speakers.ts";

interface Parts {
  book: ServiceBook;
  services: Pick<Informer<VersionedService>, "get">;
  nodes: Pick<Informer<NodeView>, "values">;
  endpoints: Pick<EndpointIndex, "of">;
  speakers: Pick<Speakers, "answersOn">;
  config(): Config | undefined;
}

const noConfig: Config = {
  pools: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
};

/**
 * What the controller knows of who should announce what: the speakers' own computation, done again with the
 * controller's view of the same facts. Elections are remembered until a fact changes.
 */
export class World {
  readonly #parts: Parts;
  readonly #groups = new AddressGroups();
  readonly #elections = new Map<string, Layer2Election>();
  #nodes: readonly NodeFacts[] | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get config(): Config {
    return this.#parts.config() ?? noConfig;
  }

  /** Nodes, speakers or the configuration changed. */
  factsChanged(): void {
    this.#nodes = undefined;
    this.#elections.clear();
  }

  /** A Service, its addresses or its endpoints changed. Gives every Service whose election this may change. */
  serviceChanged(service: string): Set<string> {
    // The addresses that it gives up now belong to another group, or to none.
    for (const address of this.#groups.groupOf(service)?.addresses ?? []) this.#elections.delete(address);
    const touched = this.#groups.set(service, this.#parts.book.decision(service)?.addresses ?? []);
    touched.add(service);
    for (const neighbour of touched) {
      for (const address of this.#groups.groupOf(neighbour)?.addresses ?? []) this.#elections.delete(address);
    }
    return touched;
  }

  groupOf(service: string): AddressGroup | undefined {
    return this.#groups.groupOf(service);
  }

  holdersOf(address: string): ReadonlySet<string> {
    return this.#groups.holdersOf(address);
  }

  /** Undefined while the Service holds no address. */
  announced(service: string): AnnouncedService | undefined {
    const { book, services, endpoints } = this.#parts;
    const decision = book.decision(service);
    const view = services.get(service);
    if (!view || !decision?.pool || decision.addresses.length === 0) return undefined;
    return {
      view: { ...view, ingress: decision.addresses },
      pool: decision.pool,
      endpoints: endpoints.of(service),
    };
  }

  /** Who should answer for the address, and every node's place. */
  election(address: string): Layer2Election | undefined {
    const known = this.#elections.get(address);
    if (known) return known;
    const [holder] = this.#groups.holdersOf(address);
    const group = holder === undefined ? undefined : this.#groups.groupOf(holder);
    if (!group) return undefined;
    const services = group.services.flatMap((service) => this.announced(service) ?? []);
    const election = electLayer2(services, group.firstAddress, this.config.l2Advertisements, this.cluster());
    for (const one of group.addresses) this.#elections.set(one, election);
    return election;
  }

  /** Why no node announces the Service, by whichever protocol comes nearest to it. */
  whyUnannounced(decision: Decision): Reason {
    const service = this.announced(decision.service);
    const [address] = decision.addresses;
    if (!service || address === undefined) return reason("announce.no-candidate");
    const isLayer2 = this.#isCovered(decision, "l2Advertisements");
    const isBgp = this.#isCovered(decision, "bgpAdvertisements");
    if (!isLayer2 && !isBgp) {
      return reason("announce.no-advertisement", { protocol: "layer 2 or BGP", pool: service.pool });
    }
    const election = isLayer2 ? this.election(address) : undefined;
    if (election) return election.blocked ?? reason("announce.not-yet", { node: election.winner ?? "" });
    const { nodes } = this.cluster();
    const able = nodes.find((node) => this.#blockedBgp(service, node) === undefined);
    if (able) return reason("announce.not-yet", { node: able.name });
    const [first] = nodes;
    return (first && this.#blockedBgp(service, first)) ?? reason("announce.no-candidate");
  }

  cluster(): Cluster {
    const { nodes, speakers } = this.#parts;
    this.#nodes ??= [...nodes.values()].map(({ name, labels, networkUnavailable }) => ({
      name,
      labels,
      networkUnavailable,
      hasSpeaker: speakers.answersOn(name),
    }));
    // `--ignore-exclude-lb` is the speakers' flag; the controller does not know it and shows the default.
    return { nodes: this.#nodes, ignoreExcludeLabel: false };
  }

  #isCovered(decision: Decision, kind: "l2Advertisements" | "bgpAdvertisements"): boolean {
    const { pool } = decision;
    return pool !== undefined && this.config[kind].some((advertisement) => advertisement.pools.has(pool));
  }

  #blockedBgp(service: AnnouncedService, node: NodeFacts): Reason | undefined {
    const { blocked } = announceBgp(service, this.config.bgpAdvertisements, node, false);
    return blocked ?? (node.hasSpeaker ? undefined : reason("announce.speaker-absent", { node: node.name }));
  }
}
