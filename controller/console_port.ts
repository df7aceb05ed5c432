import type { ConfigFinding, ConfigIssue } from "#core/config/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import type { Decision, NodeView, ServiceBook, TraceStep } from "#core/service/mod.ts";
import type { ApiContact, Clock, EndpointIndex, Informer, VersionedService } from "#k8s/mod.ts";
import type {
  AddressConflict,
  BgpSessionRow,
  ConsolePort,
  Layer2Row,
  LeadershipView,
  MembershipSummary,
  Move,
  Overview,
  Page,
  PoolDetail,
  PoolSummary,
  ServiceDetail,
  ServicePage,
  ServiceQuery,
  ServiceRow,
  SpeakerDetail,
  SpeakerRow,
  Topic,
} from "#server/ports.ts";
import { attention, whyForeign } from "./attention.ts";
import { explain } from "./explain.ts";
import { Findings } from "./findings.ts";
import { Layer2Table } from "./layer2_table.ts";
import { membershipOf } from "./membership.ts";
import { poolRow, poolRows } from "./pool_rows.ts";
import type { ServiceEvents } from "./service_events.ts";
import { ServiceTable } from "./service_table.ts";
import type { Speakers, Touched } from "./speakers.ts";
import type { Topics } from "./topics.ts";
import { TroubleWatch } from "./troubles.ts";
import type { World } from "./world.ts";

export interface ConsoleParts {
  book: ServiceBook;
  services: Informer<VersionedService>;
  nodes: Informer<NodeView>;
  endpoints: EndpointIndex;
  events: ServiceEvents;
  speakers: Speakers;
  world: World;
  topics: Topics;
  /** Absent where that does not matter, as in a single reading. */
  contact?: Pick<ApiContact, "cachedSince" | "problem" | "denials">;
  issues(): readonly ConfigIssue[];
  /** The addresses of a pool in the words of whoever wrote it. */
  declaredRanges(pool: string): readonly string[] | undefined;
  /** Absent: nobody asks who leads. */
  leadership?(): LeadershipView;
  clock: Clock;
}

const overviewMoves = 20;

/** {@link ConsolePort} from the controller's memory; what changed is told by its driver and made anew when asked for. */
export class ConsoleView implements ConsolePort {
  readonly #parts: ConsoleParts;
  readonly #services: ServiceTable;
  readonly #layer2: Layer2Table;
  readonly #troubles: TroubleWatch;
  readonly #findings: Findings;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
    const { book, services, endpoints, speakers, world } = parts;
    this.#services = new ServiceTable({
      view: (key) => services.get(key),
      decision: (key) => book.decision(key),
      endpointsReady: (key) => countReady(endpoints, key),
      announcers: (decision) => this.#announcers(decision.addresses, [decision.service]),
      whyUnannounced: (decision) => this.#whyUnannounced(decision),
    });
    this.#layer2 = new Layer2Table({ world, announcers: speakers.announcers, held: () => held(book) });
    this.#findings = new Findings({ ...parts, config: () => world.config });
    this.#troubles = new TroubleWatch({
      ...parts,
      findings: () => this.#findings.list(),
      table: this.#services,
      due: () => parts.topics.poke("services", "layer2"),
    });
  }

  /** A Service, its addresses or its endpoints changed. */
  serviceChanged(service: string, topics: readonly Topic[] = ["services", "pools", "layer2"]): void {
    for (const key of this.#parts.world.serviceChanged(service)) this.#touch(key);
    this.#layer2.touch();
    this.#findings.touch();
    this.#parts.topics.poke(...topics);
  }

  /** Nodes or the configuration changed. */
  factsChanged(topics: readonly Topic[]): void {
    this.#parts.world.factsChanged();
    this.#layer2.touch();
    this.#findings.touch();
    this.#parts.topics.poke(...topics);
  }

  speakersChanged(topics: readonly Topic[], touched: Touched): void {
    const { world, topics: hub } = this.#parts;
    if (touched.hasOtherNodes) world.factsChanged();
    if (topics.includes("configuration")) this.#findings.touch();
    for (const address of touched.addresses) {
      this.#troubles.announcementChanged(address);
      world.announcerChanged(address);
      for (const service of world.holdersOf(address)) touched.services.add(service);
    }
    for (const service of touched.services) this.#touch(service);
    if (touched.addresses.size > 0) this.#layer2.touch();
    hub.poke(...topics, ...(touched.services.size > 0 ? (["services", "pools"] as const) : []));
  }

  leadershipChanged(): void {
    this.#parts.topics.poke("services", "configuration", "speakers");
  }

  #touch(service: string): void {
    this.#services.touch(service);
    this.#troubles.serviceChanged(service);
  }

  now(): number {
    return this.#parts.clock.now();
  }

  overview(): Overview {
    const { speakers, leadership, contact } = this.#parts;
    const sessions = this.sessions();
    const pools = this.pools();
    return {
      attention: attention(this.#troubles.now(pools, sessions)),
      pools,
      sessions,
      speakers: this.speakers(),
      leaders: this.speakers()
        .filter(({ announcedLayer2 }) => announcedLayer2 > 0)
        .map(({ node, announcedLayer2 }) => ({ node, addresses: announcedLayer2 })),
      moves: speakers.moves(overviewMoves),
      services: this.#services.counts(),
      issues: this.issues(),
      findings: this.findings(),
      api: this.#troubles.api,
      ...(contact?.cachedSince !== undefined && { cachedSince: contact.cachedSince }),
      ...(leadership && { leadership: leadership() }),
    };
  }

  pools(): PoolSummary[] {
    return poolRows(this.#poolSources());
  }

  pool(name: string): PoolDetail | undefined {
    return poolRow(name, this.#poolSources());
  }

  services(query: ServiceQuery): ServicePage {
    return this.#services.query(query);
  }

  service(namespace: string, name: string): ServiceDetail | undefined {
    const key = `${namespace}/${name}`;
    const { book, events, world } = this.#parts;
    const row = this.#services.row(key);
    const decision = book.decision(key);
    if (!row || !decision) return undefined;
    return {
      ...row,
      trace: [...explain(decision, world), ...this.#conflictSteps(decision)],
      events: events.of(key).map(({ at, type, reason, message, source, count }) => ({
        at,
        type,
        reason,
        message,
        source,
        count,
      })),
    };
  }

  layer2(query: { search: string; page: number; pageSize: number }): Page<Layer2Row> {
    return this.#layer2.query(query);
  }

  moves(limit: number): Move[] {
    return this.#parts.speakers.moves(limit);
  }

  sessions(): BgpSessionRow[] {
    return this.#parts.speakers.sessions();
  }

  speakers(): SpeakerRow[] {
    const draining = this.#draining();
    return this.#parts.speakers
      .rows()
      .map((row) => (draining.has(row.node) ? { ...row, isDraining: true } : row));
  }

  speaker(node: string): SpeakerDetail | undefined {
    const detail = this.#parts.speakers.detail(node);
    return detail && this.#draining().has(node) ? { ...detail, isDraining: true } : detail;
  }

  membership(): MembershipSummary {
    const { world, speakers } = this.#parts;
    return membershipOf(world.cluster().nodes, speakers.announcers.states());
  }

  issues(): ConfigIssue[] {
    return [...this.#parts.issues()];
  }

  findings(): ConfigFinding[] {
    return [...this.#findings.list()];
  }

  subscribe(listener: (topic: Topic) => void): () => void {
    return this.#parts.topics.subscribe(listener);
  }

  /** Creation of every Service that waits for an address. */
  pendingSince(): number[] {
    return this.#troubles.pending().map(({ at }) => at);
  }

  #draining(): Set<string> {
    const { nodes } = this.#parts.world.cluster();
    return new Set(nodes.filter(({ isDraining }) => isDraining).map(({ name }) => name));
  }

  /** An address that another host holds is not announced before that host gives it up. */
  #whyUnannounced(decision: Decision): Reason {
    const held = this.#conflictsOf(decision).find(({ phase }) => phase === "probe");
    return held ? whyForeign(held) : this.#parts.world.whyUnannounced(decision);
  }

  #conflictSteps(decision: Decision): TraceStep[] {
    return this.#conflictsOf(decision).map((conflict) => ({
      stage: "announcer",
      subject: conflict.address,
      verdict: "blocked",
      why: whyForeign(conflict),
    }));
  }

  #conflictsOf({ addresses }: Decision): (AddressConflict & { node: string })[] {
    const { announcers } = this.#parts.speakers;
    return announcers.conflicts().filter(({ address }) => addresses.includes(address));
  }

  #announcers(addresses: readonly string[], services: readonly string[]): ServiceRow["announcers"] {
    const { announcers } = this.#parts.speakers;
    const layer2 = new Set(addresses.flatMap((address) => announcers.answeringFor(address)));
    const bgp = new Set(services.flatMap((service) => [...announcers.bgpOf(service)]));
    return [
      ...[...layer2].sort().map((node) => ({ node, protocol: "layer2" as const })),
      ...[...bgp].sort().map((node) => ({ node, protocol: "bgp" as const })),
    ];
  }

  #poolSources() {
    const { book, world, services, declaredRanges, clock } = this.#parts;
    return {
      allocator: book.allocator,
      world,
      declared: declaredRanges,
      announcersOf: (address: string, holders: readonly string[]) => this.#announcers([address], holders),
      wallOf: (steadyMs: number) => Math.round(clock.now() + steadyMs - clock.steady()),
      portsOf: (key: string) =>
        services.get(key)?.ports.map(({ port, protocol }) => `${port}/${protocol}`) ?? [],
    };
  }
}

function countReady(endpoints: EndpointIndex, service: string): number {
  const ready = endpoints.of(service).filter((endpoint) => endpoint.canServe);
  return new Set(ready.map((endpoint) => endpoint.addresses[0])).size;
}

function* held(book: ServiceBook): Iterable<{ address: string; pool: string }> {
  for (const { addresses, pool } of book.decisions()) {
    if (pool === undefined) continue;
    for (const address of addresses) yield { address, pool };
  }
}
