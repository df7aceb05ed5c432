import { decodeSpeakerFacts, type Layer2Change, type SpeakerFacts } from "#core/announce/mod.ts";
import type { RingState as RingReport } from "#core/membership/ring/mod.ts";
import { formatPrefix } from "#core/net/mod.ts";
import type { Logger } from "#io/mod.ts";
import { type Clock, type EventRecorder, type KubeClient, systemClock } from "#k8s/mod.ts";
import type { AddressConflict, Move, SpeakerFactsState, SpeakerState } from "#server/ports.ts";
import { type AnnounceFailure, AnnounceFailures } from "./announce_failures.ts";
import type { Cluster } from "./cluster.ts";
import { Conflicts } from "./conflicts.ts";
import type { InterfaceState, Report } from "./data_plane/mod.ts";
import { SpeakerEvents } from "./events.ts";
import { type Incumbents, L2StatusWriter } from "./l2_status/mod.ts";
import type { OwnAddresses } from "./layer2.ts";
import type { Members } from "./members.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { SpeakerOptions } from "./options.ts";
import { membersView, ringView } from "./ring_view.ts";

interface Parts {
  readonly options: Pick<SpeakerOptions, "nodeName" | "podName" | "recordOnly" | "memberlistPort">;
  readonly client: KubeClient;
  readonly namespace: string;
  readonly cluster: Cluster;
  readonly recorder: EventRecorder;
  readonly addresses: OwnAddresses;
  readonly members: Members;
  readonly metrics: SpeakerMetrics;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The state that others read changed. */
  changed(): void;
  readonly clock?: Clock;
}

/** Nobody is found dead twice in this time, for it must first be heard again. */
const sameVerdictMs = 500;

/** Tells the cluster of what is decided and of what the data plane reports: ServiceL2Status, events, conflicts. */
export class Telling {
  readonly #parts: Parts;
  readonly #events: SpeakerEvents;
  readonly #conflicts: Conflicts;
  readonly #failures: AnnounceFailures;
  readonly #statuses: L2StatusWriter;
  #interfaces: readonly InterfaceState[] = [];
  #ring: RingReport | undefined;
  #facts: SpeakerFacts | undefined;

  constructor(parts: Parts) {
    const {
      options,
      client,
      namespace,
      cluster,
      recorder,
      log,
      signal,
      changed,
      clock = systemClock,
    } = parts;
    const { nodeName: node, podName } = options;
    this.#parts = parts;
    this.#events = new SpeakerEvents({ recorder, node, service: (key) => cluster.services.get(key), clock });
    this.#conflicts = new Conflicts({ clock, changed });
    this.#failures = new AnnounceFailures(node);
    this.#statuses = new L2StatusWriter({
      client,
      namespace,
      node,
      informer: cluster.l2Statuses,
      pod: () => cluster.speakers.get(`${namespace}/${podName}`),
      announcerChanged: (service) => this.#events.nodeAssigned(service, "layer2"),
      log,
      signal,
      clock,
    });
    parts.metrics.watchConflicts(() => this.conflicts);
    parts.metrics.watchRing(() => this.#ring);
    signal.addEventListener("abort", () => this.#conflicts.stop(), { once: true });
  }

  /** Who announced each Service last, as all speakers see it. */
  get incumbents(): Incumbents {
    return this.#statuses.incumbents;
  }

  get conflicts(): AddressConflict[] {
    return this.#conflicts.list();
  }

  /** The first decision is taken. One that only records announces nothing, and so writes down nothing. */
  start(): void {
    if (!this.#parts.options.recordOnly) this.#statuses.start();
  }

  decided(changes: readonly Layer2Change[]): void {
    const { nodeName, recordOnly } = this.#parts.options;
    this.#statuses.decided(changes);
    for (const { address, after } of changes) {
      if (after?.winner !== nodeName) {
        this.#conflicts.released(address);
        this.#parts.metrics.forget(address);
      } else if (recordOnly) {
        // Nobody will report that it is announced.
        this.#statuses.announced(address);
      }
    }
    this.#failed(this.#failures.decided(changes));
  }

  /** This node began to announce a Service over BGP. */
  routed(service: string): void {
    this.#events.nodeAssigned(service, "bgp");
  }

  /** The first gratuitous frame of the address went out; `move`: the takeover that it completes. */
  announced(address: string, move: Move | undefined): void {
    this.#conflicts.announced(address);
    this.#statuses.announced(address);
    if (move?.why.code !== "move.node-lost" || move.from === undefined) return;
    const { from, tookMs = 0 } = move;
    this.#events.announcerLost(this.#servicesOf(address), { address, from, tookMs });
  }

  conflict(report: Extract<Report, { type: "conflict" }>): void {
    const { metrics, log } = this.#parts;
    metrics.conflictFrames.inc({ ip: report.address });
    if (this.#conflicts.heard(report))
      log.warn("another host speaks as an address of this node", { ...report });
    const { address, mac } = report;
    const conflict = this.conflicts.find((one) => one.address === address && one.mac === mac);
    if (conflict) this.#events.addressConflict(this.#servicesOf(address), conflict);
  }

  /** What is only shown. */
  heard(report: Report): void {
    const { options, changed } = this.#parts;
    if (report.type === "ring") this.#heardRing(report.ring);
    else if (report.type === "facts" && report.node === options.nodeName) {
      const facts = decodeSpeakerFacts(report.facts);
      if (typeof facts !== "string") this.#facts = facts;
    } else return;
    changed();
  }

  #heardRing(ring: RingReport): void {
    const known = this.#ring?.verdicts ?? [];
    // Their times are told anew by the wall's clock with each report, and differ by its steps.
    const isKnown = ({ node, at }: (typeof known)[number]) =>
      known.some((one) => one.node === node && Math.abs(one.at - at) < sameVerdictMs);
    this.#parts.metrics.ringVerdicts.inc(ring.verdicts.filter((one) => !isKnown(one)).length);
    this.#ring = ring;
  }

  /** What of the speaker's state this part knows. */
  state(): Pick<SpeakerState, "conflicts" | "interfaces" | "facts" | "ring" | "members"> {
    const { members, options } = this.#parts;
    const [ring, list] = [this.#ring, members.list()];
    return {
      conflicts: this.conflicts,
      interfaces: this.#interfaces.map(({ name, mac, isUsable, unusable, addresses }) => ({
        name,
        mac,
        isUsable,
        addresses,
        ...(unusable !== undefined && { unusable }),
      })),
      members: membersView(list, ring),
      ...(this.#facts && { facts: factsView(this.#facts) }),
      ...(ring && { ring: ringView(ring, list, options.memberlistPort + 1) }),
    };
  }

  interfaces(states: readonly InterfaceState[]): void {
    this.#interfaces = states;
    this.#failed(this.#failures.interfaces(states));
  }

  #failed(failures: readonly AnnounceFailure[]): void {
    for (const { services, wanted, present } of failures)
      for (const service of services) this.#events.announceFailed(service, wanted, present);
  }

  #servicesOf(address: string): readonly string[] {
    return this.#parts.addresses.servicesOf(address);
  }
}

function factsView({ interfaces, stableSince, ...rest }: SpeakerFacts): SpeakerFactsState {
  return {
    ...rest,
    interfaces: interfaces.map(({ name, connected }) => ({ name, connected: connected.map(formatPrefix) })),
    stableSince: stableSince * 1000,
  };
}
