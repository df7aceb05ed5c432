import {
  type AddressGroup,
  AddressGroups,
  type AnnouncedService,
  announceBgp,
  type Cluster,
  electLayer2,
  type Layer2Election,
  type NodeFacts,
  parseDrain,
  type SpreadPlace,
  spreadOf,
} from "#core/announce/mod.ts";
import type { Config } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { Decision, NodeView, ServiceBook } from "#core/service/mod.ts";
import type { Clock, EndpointIndex, Informer, VersionedService } from "#k8s/mod.ts";
import { speakerFacts } from "./speaker_facts.ts";
import type { Speakers } from "./speakers.ts";

interface Parts {
  book: ServiceBook;
  services: Pick<Informer<VersionedService>, "get">;
  nodes: Pick<Informer<NodeView>, "values">;
  endpoints: Pick<EndpointIndex, "of">;
  speakers: Pick<Speakers, "livesOn" | "factsOn" | "announcerOf">;
  clock: Pick<Clock, "now">;
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
  #spread: ReadonlyMap<string, SpreadPlace> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get config(): Config {
    return this.#parts.config() ?? noConfig;
  }

  /** Nodes, speakers or the configuration changed. */
  factsChanged(): void {
    this.#nodes = undefined;
    this.#spread = undefined;
    this.#elections.clear();
  }

  /** Another node announces the address than before: where the failback policy asks for the incumbent, it counts. */
  announcerChanged(address: string): void {
    this.#elections.delete(address);
  }

  /** A Service, its addresses or its endpoints changed. Gives every Service whose election this may change. */
  serviceChanged(service: string): Set<string> {
    // The addresses that it gives up now belong to another group, or to none.
    for (const address of this.#groups.groupOf(service)?.addresses ?? []) this.#elections.delete(address);
    if (this.#spread && this.#spread.size > 0) this.#elections.clear();
    this.#spread = undefined;
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
    const election = this.#elect(group);
    for (const one of group.addresses) this.#elections.set(one, election);
    return election;
  }

  #elect(group: AddressGroup): Layer2Election {
    const { clock } = this.#parts;
    const { services, firstAddress, incumbent } = this.#contest(group);
    const advertisements = this.config.l2Advertisements;
    const spread = this.#spreadPlaces().get(firstAddress);
    const facts = { ...(incumbent !== undefined && { incumbent }), ...(spread && { spread }) };
    return electLayer2(services, firstAddress, advertisements, this.cluster(), facts, clock.now());
  }

  /** Who announces now is who the ServiceL2Status names, but for moments. */
  #contest({ services, addresses, firstAddress }: AddressGroup) {
    const { speakers } = this.#parts;
    const [incumbent] = addresses.flatMap((address) => speakers.announcerOf(address) ?? []);
    return {
      services: services.flatMap((service) => this.announced(service) ?? []),
      firstAddress,
      ...(incumbent !== undefined && { incumbent }),
    };
  }

  /** Planned over all groups at once, and only where an advertisement asks for it. */
  #spreadPlaces(): ReadonlyMap<string, SpreadPlace> {
    const advertisements = this.config.l2Advertisements;
    if (!advertisements.some(({ policy }) => policy?.isSpread)) return new Map();
    if (!this.#spread) {
      const groups = new Map<string, AddressGroup>();
      for (const service of this.#groups.services()) {
        const group = this.#groups.groupOf(service);
        if (group) groups.set(group.firstAddress, group);
      }
      const contests = [...groups.values()].map((group) => this.#contest(group));
      this.#spread = spreadOf(contests, advertisements, this.cluster(), this.#parts.clock.now());
    }
    return this.#spread;
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
    this.#nodes ??= [...nodes.values()].map(({ name, labels, networkUnavailable, annotations = {} }) => {
      const facts = speakers.factsOn(name);
      const drain = parseDrain(annotations);
      return {
        name,
        labels,
        networkUnavailable,
        hasSpeaker: speakers.livesOn(name),
        ...("isDraining" in drain && drain.isDraining && { isDraining: true }),
        ...(facts && { facts: speakerFacts(facts) }),
      };
    });
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
