import { Announcements, parseDrain } from "#core/announce/mod.ts";
import {
  type BfdProfile,
  type BgpPeer,
  type Config,
  type ConfigIssue,
  matchesAnySelector,
  overridePeers,
  parseConfig,
} from "#core/config/mod.ts";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";
import type { Logger } from "#io/mod.ts";
import { type Cluster, configResources, issuesOn } from "./cluster.ts";
import type { OwnedAddress } from "./data_plane/mod.ts";
import type { OwnAddresses } from "./layer2.ts";
import type { Members } from "./members.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { Moves } from "./moves.ts";
import type { SpeakerOptions } from "./options.ts";
import { peerSettings } from "./peer_settings.ts";
import type { Routes } from "./routes.ts";
import type { Telling } from "./telling.ts";

/**
 * What a change may concern beyond single Services: then all of them are decided anew; "announcement" decides nothing
 * and says again on the network what this node is left with.
 */
export type Mark = "config" | "nodes" | "peers" | "announcement";

export interface DecisionParts {
  options: Pick<SpeakerOptions, "nodeName" | "ignoreExcludeLabel" | "recordOnly">;
  cluster: Cluster;
  members: Members;
  moves: Moves;
  addresses: OwnAddresses;
  routes: Routes;
  metrics: SpeakerMetrics;
  telling: Telling;
  log: Logger;
  /** The whole set of addresses this node answers for. */
  own(addresses: OwnedAddress[]): void;
  /** The BGPPeers of this node, and all BFDProfiles. */
  watchPeers(peers: readonly BgpPeer[], profiles: readonly BfdProfile[]): void;
  /** Sends the gratuitous burst again. */
  announceAgain(addresses: string[]): void;
  /** The configuration was judged anew: issues of objects that concern this node. */
  judged(issues: readonly ConfigIssue[]): void;
  /** Something came out differently. */
  changed(): void;
}

/**
 * Turns facts into announcements: everything that comes in during one turn of the event loop is decided at once in the
 * next, and what comes out differently is carried out. Nothing is decided before {@link start}.
 */
export class Decisions {
  readonly #parts: DecisionParts;
  readonly #announcements: Announcements;
  readonly #marks = new Set<Mark>();
  #config: Config | undefined;
  #issues: readonly ConfigIssue[] = [];
  #phase: "waiting" | "starting" | "running" | "stopped" = "waiting";
  #timer: Timer | undefined;

  constructor(parts: DecisionParts) {
    this.#parts = parts;
    const { nodeName, ignoreExcludeLabel } = parts.options;
    this.#announcements = new Announcements({ node: nodeName, ignoreExcludeLabel });
  }

  /** Objects that concern this node and were rejected, as they are now. */
  get issues(): ConfigIssue[] {
    return [...this.#issues];
  }

  setService(key: string, view: ServiceView | undefined): void {
    this.#announcements.setService(key, view);
    this.#schedule();
  }

  setEndpoints(service: string, endpoints: readonly EndpointView[]): void {
    this.#announcements.setEndpoints(service, endpoints);
    this.#schedule();
  }

  /** Who announced the Service last, as its ServiceL2Status says. */
  setIncumbent(service: string, node: string | undefined): void {
    this.#announcements.setIncumbent(service, node);
    this.#schedule();
  }

  mark(...marks: Mark[]): void {
    for (const mark of marks) this.#marks.add(mark);
    this.#schedule();
  }

  /** All caches are complete: decides for the first time, which moves nothing, and from then on after each change. */
  start(): void {
    this.#phase = "starting";
    this.mark("config", "nodes", "peers");
    this.#decide();
    this.#phase = "running";
  }

  stop(): void {
    this.#phase = "stopped";
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#phase !== "running") return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#decide();
    }, 0);
  }

  #decide(): void {
    const { options, addresses, routes, moves, metrics } = this.#parts;
    const now = Date.now();
    const isAnnouncedAgain = this.#marks.has("announcement");
    this.#applyMarks();
    const { layer2, routes: routeChanges } = this.#announcements.decide(now);
    for (const change of layer2) {
      const left = moves.decided(change, now, this.#phase === "starting");
      const taken = options.recordOnly ? moves.announced(change.address, now) : undefined;
      for (const move of [left, taken]) if (move) metrics.moved(move);
    }
    for (const { before, after, service } of routeChanges) {
      if (before.length === 0 && after.length > 0) this.#parts.telling.routed(service);
    }
    this.#parts.telling.decided(layer2);
    if (addresses.apply(layer2, now)) this.#parts.own(addresses.forDataPlane());
    if (isAnnouncedAgain) this.#parts.announceAgain(addresses.entries().map(({ address }) => address));
    routes.apply(routeChanges, now);
    metrics.updates.inc();
    this.#parts.changed();
  }

  #applyMarks(): void {
    const { options, cluster, members, routes } = this.#parts;
    if (this.#marks.has("config")) this.#applyConfig();
    if (this.#marks.has("nodes")) {
      this.#announcements.setNodes(
        [...cluster.nodes.values()].map((node) => ({ ...node, hasSpeaker: members.isAlive(node.name) })),
      );
    }
    if ((this.#marks.has("peers") || this.#marks.has("config")) && !options.recordOnly) {
      const {
        name = options.nodeName,
        labels = {},
        annotations = {},
      } = cluster.nodes.get(options.nodeName) ?? {};
      const { bfdProfiles = [] } = this.#config ?? {};
      const { peers } = overridePeers(this.#config?.peers ?? [], { name, annotations });
      routes.setPeers(peerSettings(peers, labels));
      const drain = parseDrain(annotations);
      routes.setDraining("isDraining" in drain && drain.isDraining);
      const own = peers.filter((peer) => matchesAnySelector(peer.nodeSelectors, labels));
      this.#parts.watchPeers(own, bfdProfiles);
    }
    this.#marks.clear();
  }

  #applyConfig(): void {
    const { options, cluster, metrics, log } = this.#parts;
    const parsed = parseConfig(configResources(cluster, options.nodeName), this.#config);
    const { config } = parsed;
    const node = cluster.nodes.get(options.nodeName);
    const ofNode = node ? overridePeers(config.peers, node).issues : [];
    const issues = [...issuesOn(options.nodeName, cluster, parsed.issues), ...ofNode];
    const isNews = !Bun.deepEquals(issues, this.#issues);
    this.#config = config;
    this.#issues = issues;
    this.#announcements.setConfig(config);
    metrics.configLoaded.set(1);
    metrics.configStale.set(issues.length > 0 ? 1 : 0);
    if (issues.length > 0) metrics.updateErrors.inc();
    this.#parts.judged(issues);
    if (!isNews) return;
    for (const issue of issues) log.warn("configuration object rejected", { ...issue });
    if (issues.length === 0) log.info("every configuration object is in force");
  }
}
