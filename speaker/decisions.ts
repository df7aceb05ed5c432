import { Announcements, type NodeFacts, parseDrain } from "#core/announce/mod.ts";
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
import type { Clock, ConfigObject } from "#k8s/mod.ts";
import { type Cluster, configObjects, configResources, issuesOfNode, issuesOn } from "./cluster.ts";
import type { DataPlane, Report, StandbyAddress } from "./data_plane/mod.ts";
import { FellowFacts } from "./fellow_facts.ts";
import { HeldConfiguration } from "./held_configuration.ts";
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
  /** Undefined where announcements are only recorded. */
  dataPlane: Pick<DataPlane, "own" | "standby" | "heirs" | "announce"> | undefined;
  /** The BGPPeers of this node, and all BFDProfiles. */
  watchPeers(peers: readonly BgpPeer[], profiles: readonly BfdProfile[]): void;
  /** The data plane announced it as the heir, and the decision has followed. */
  announced(report: Extract<Report, { type: "announced" }>): void;
  /** The configuration was judged anew: issues of objects that concern this node. */
  judged(issues: readonly ConfigIssue[]): void;
  /** Something came out differently. */
  changed(): void;
  clock: Clock;
}

/**
 * Turns facts into announcements: everything that comes in during one turn of the event loop is decided at once in the
 * next, and what comes out differently is carried out. Nothing is decided before {@link start}.
 */
export class Decisions {
  readonly #parts: DecisionParts;
  readonly #announcements: Announcements;
  readonly #fellows: FellowFacts;
  readonly #marks = new Set<Mark>();
  readonly #held = new HeldConfiguration<keyof ReturnType<typeof configObjects>, ConfigObject>("pools");
  #cancelHeld: (() => void) | undefined;
  #config: Config | undefined;
  #issues: readonly ConfigIssue[] = [];
  #phase: "waiting" | "starting" | "running" | "stopped" = "waiting";
  #cancelTurn: (() => void) | undefined;
  /** For what changes by the clock alone. */
  #cancelDeadline: (() => void) | undefined;
  #heirs = "";
  /** Losses of fellows that were heard of, and those that the last decision heeded. */
  #lostHeard = 0;
  #lostHeeded = 0;

  constructor(parts: DecisionParts) {
    this.#parts = parts;
    const { nodeName, ignoreExcludeLabel } = parts.options;
    this.#announcements = new Announcements({ node: nodeName, ignoreExcludeLabel });
    this.#fellows = new FellowFacts(nodeName);
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

  /** What a speaker says of itself. */
  setFacts({ node, facts }: Extract<Report, { type: "facts" }>): void {
    const news = this.#fellows.heard(node, facts);
    if (news === true) this.mark("nodes");
    else if (news !== false)
      this.#parts.log.warn("cannot read what a speaker says of itself", { member: node, fault: news });
  }

  /** The ring lost a fellow, and the data plane may have taken over from it already. */
  lost(): void {
    this.#lostHeard++;
    this.mark("nodes");
  }

  /** An address that was yielded is answered by its new announcer. */
  released(report: Extract<Report, { type: "released" }>): void {
    const { addresses, dataPlane } = this.#parts;
    if (addresses.released(report)) dataPlane?.own(addresses.forDataPlane(), this.#lostHeeded);
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
    this.#cancelTurn?.();
    this.#cancelDeadline?.();
    this.#cancelHeld?.();
  }

  #schedule(): void {
    if (this.#cancelTurn !== undefined || this.#phase !== "running") return;
    this.#cancelTurn = this.#parts.clock.after(0, () => {
      this.#cancelTurn = undefined;
      this.#decide();
    });
  }

  #decide(): void {
    const { options, addresses, dataPlane, members, routes, moves, metrics, clock } = this.#parts;
    const now = clock.now();
    const isAnnouncedAgain = this.#marks.has("announcement");
    this.#applyMarks(now);
    const decided = this.#announcements.decide(now);
    const { layer2, routes: routeChanges } = decided;
    for (const change of layer2) {
      const left = moves.decided(change, now, this.#phase === "starting");
      const taken = options.recordOnly ? moves.announced(change.address, now) : undefined;
      for (const move of [left, taken]) if (move) metrics.moved(move);
    }
    for (const { before, after, service } of routeChanges) {
      if (before.length === 0 && after.length > 0) this.#parts.telling.routed(service);
    }
    this.#parts.telling.decided(layer2);
    const canTake = (node: string) =>
      this.#phase === "running" && members.isAlive(node) && members.isCapable(node);
    const isDecided = addresses.apply(layer2, now, canTake);
    // After that, or what is taken back from a dead node would look new, and be announced in nobody's books.
    const isKeptNoLonger = addresses.stopYielding(canTake);
    const isHeirJudged = this.#lostHeard > this.#lostHeeded;
    this.#lostHeeded = this.#lostHeard;
    if (isDecided || isKeptNoLonger || isHeirJudged)
      dataPlane?.own(addresses.forDataPlane(), this.#lostHeeded);
    for (const report of addresses.decidedNow(now)) this.#parts.announced(report);
    if (decided.isStandbyChanged) dataPlane?.standby(this.#standby());
    if (decided.areHeirsChanged) this.#tellHeirs();
    if (isAnnouncedAgain) dataPlane?.announce(addresses.entries().map(({ address }) => address));
    routes.apply(routeChanges, now);
    metrics.updates.inc();
    this.#parts.changed();
    this.#awaitDeadline(now);
  }

  #awaitDeadline(now: number): void {
    this.#cancelDeadline?.();
    const standing = this.#announcements.nextDeadline() ?? Number.POSITIVE_INFINITY;
    const words = this.#fellows.nextDeadline(now) ?? Number.POSITIVE_INFINITY;
    const at = Math.min(standing, words);
    if (at === Number.POSITIVE_INFINITY || this.#phase === "stopped") return;
    // A timer fires a millisecond early at times, and holds no more than 31 bits.
    const delayMs = Math.min(Math.max(0, at - now) + 1, 2 ** 31 - 1);
    this.#cancelDeadline = this.#parts.clock.after(delayMs, () => this.mark("nodes"));
  }

  #standby(): StandbyAddress[] {
    return [...this.#announcements.standby()].flatMap(({ address, interfaces, winner }) =>
      winner === undefined ? [] : [{ address, interfaces: [...interfaces], behind: winner }],
    );
  }

  #tellHeirs(): void {
    const heirs = this.#announcements.heirs();
    const text = heirs.join();
    if (text === this.#heirs) return;
    this.#heirs = text;
    this.#parts.dataPlane?.heirs(heirs);
  }

  #nodes(now: number): NodeFacts[] {
    const { cluster, members } = this.#parts;
    return [...cluster.nodes.values()].map(({ name, labels, networkUnavailable, annotations = {} }) => {
      const isAlive = members.isAlive(name);
      const facts = this.#fellows.of(name, { isAlive, isCapable: members.isCapable(name) }, now);
      const drain = parseDrain(annotations);
      return {
        name,
        labels,
        networkUnavailable,
        hasSpeaker: isAlive,
        ...("isDraining" in drain && drain.isDraining && { isDraining: true }),
        ...(facts && { facts }),
      };
    });
  }

  #applyMarks(now: number): void {
    const { options, cluster, routes } = this.#parts;
    if (this.#marks.has("config")) this.#applyConfig();
    if (this.#marks.has("nodes")) this.#announcements.setNodes(this.#nodes(now));
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

  /** What is there, and what is held where all pools vanished. */
  #inForce() {
    const { cluster, clock, log, metrics } = this.#parts;
    const wasHolding = this.#held.isHolding;
    const now = clock.steady();
    const objects = this.#held.take(configObjects(cluster), now);
    const { isHolding } = this.#held;
    metrics.configHeld.set(isHolding ? 1 : 0);
    if (isHolding && !wasHolding)
      log.error("all IPAddressPools vanished: what Services hold is announced by the last configuration");
    if (wasHolding && !isHolding) log.info("there are IPAddressPools again");
    this.#cancelHeld?.();
    const at = this.#held.nextDeadline();
    this.#cancelHeld = at === undefined ? undefined : clock.after(at - now, () => this.mark("config"));
    return objects;
  }

  #applyConfig(): void {
    const { options, cluster, metrics, log } = this.#parts;
    const objects = { ...configResources(cluster, options.nodeName), ...this.#inForce() };
    const parsed = parseConfig(objects, this.#config);
    const { config } = parsed;
    const node = cluster.nodes.get(options.nodeName);
    const ofNode = node ? issuesOfNode(node, config.peers) : [];
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
