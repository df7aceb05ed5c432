import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Move } from "#server/ports.ts";
import type { BgpSpeaker, MessageCounters } from "./bgp/mod.ts";
import type { OwnAddresses } from "./layer2.ts";
import type { Members } from "./members.ts";
import type { Routes } from "./routes.ts";

interface Sources {
  node: string;
  version: string;
  addresses: OwnAddresses;
  routes: Routes;
  bgp: BgpSpeaker;
  members: Members;
}

/** A speaker's metrics: gauges and counters are read off the live state at each scrape, so nothing outlives it. */
export class SpeakerMetrics {
  readonly registry = new Registry();
  readonly configLoaded = this.#gauge(
    "metallb_k8s_client_config_loaded_bool",
    "1 once a configuration was loaded",
  );
  readonly configStale = this.#gauge(
    "metallb_k8s_client_config_stale_bool",
    "1 while an object of the configuration is rejected",
  );
  readonly updates = this.#counter(
    "metallb_k8s_client_updates_total",
    "Changes from the API server worked off",
  );
  readonly updateErrors = this.#counter(
    "metallb_k8s_client_update_errors_total",
    "Changes from the API server that could not be worked off",
  );
  readonly takeovers = new Histogram({
    name: "metallb_speaker_takeover_duration_seconds",
    help: "From the last sign of life of the old announcer to the first gratuitous frame of this one",
    buckets: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 5, 10, 30],
    registers: [this.registry],
  });
  readonly announcerChanges = this.#counter(
    "metallb_speaker_announcer_changes_total",
    "Moves of an address to or from this node",
    ["cause"],
  );
  readonly conflicts = this.#counter(
    "metallb_speaker_address_conflicts_total",
    "ARP frames in which another host spoke as an address of this node",
    ["ip"],
  );
  readonly apiDuration = new Histogram({
    name: "metallb_k8s_client_api_duration_seconds",
    help: "Duration of calls to the Kubernetes API",
    labelNames: ["verb", "resource", "code"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  constructor(sources: Sources) {
    this.configLoaded.set(0);
    this.configStale.set(0);
    this.#buildInfo(sources.version);
    this.#announced(sources);
    this.#layer2(sources);
    this.#bgp(sources.bgp);
    this.#members(sources.members);
  }

  /** A takeover is complete. */
  moved(move: Move): void {
    this.announcerChanges.inc({ cause: move.why.code });
    if (move.from !== undefined && move.tookMs !== undefined) this.takeovers.observe(move.tookMs / 1000);
  }

  #buildInfo(version: string): void {
    this.#gauge("metallb_build_info", "Always 1; the version is the label", ["version"]).set({ version }, 1);
  }

  #announced({ node, addresses, routes }: Sources): void {
    this.#live(
      "metallb_speaker_announced",
      "1 for each address this node announces",
      ["ip", "node", "protocol", "service"],
      (gauge) => {
        for (const { address, services } of addresses.entries()) {
          for (const service of services) gauge.set({ ip: address, node, protocol: "layer2", service }, 1);
        }
        for (const { prefix, services } of routes.list()) {
          const ip = prefix.replace(/\/(32|128)$/, "");
          for (const service of services) gauge.set({ ip, node, protocol: "bgp", service }, 1);
        }
      },
    );
  }

  #layer2({ node, addresses }: Sources): void {
    const families = [
      ["requests_received", "ARP and NDP requests for announced addresses", "requests"],
      ["responses_sent", "Answers to such requests", "responses"],
      ["gratuitous_sent", "Unasked announcements, after a takeover and to refresh", "gratuitous"],
    ] as const;
    for (const [name, help, field] of families) {
      for (const spelling of [`metallb_layer2_${name}`, `metallb_layer2_${name}_total`]) {
        this.#liveCounter(spelling, help, ["ip", "node"], (counter) => {
          for (const each of addresses.counters()) counter.inc({ ip: each.address, node }, each[field]);
        });
      }
    }
  }

  #bgp(bgp: BgpSpeaker): void {
    const labels = ["peer", "vrf"];
    const label = () => peerLabels(bgp);
    this.#live("metallb_bgp_session_up", "1 while the session is Established", labels, (gauge) => {
      for (const { labels, peer } of label()) gauge.set(labels, peer.isUp ? 1 : 0);
    });
    this.#live("metallb_bgp_announced_prefixes_total", "Prefixes announced to the peer", labels, (gauge) => {
      for (const { labels, peer } of label()) gauge.set(labels, peer.prefixesAnnounced);
    });
    this.#live(
      "metallb_bgp_pending_prefixes_total",
      "Prefixes still to be told to the peer",
      labels,
      (gauge) => {
        for (const { labels, peer } of label()) gauge.set(labels, peer.prefixesPending);
      },
    );
    this.#live(
      "metallb_bgp_received_prefixes_total",
      "Prefixes the peer announces to us",
      labels,
      (gauge) => {
        for (const { labels, peer } of label()) gauge.set(labels, peer.prefixesReceived);
      },
    );
    const counted: [string, string, (sent: MessageCounters, received: MessageCounters) => number][] = [
      ["updates_total", "UPDATE messages sent", (sent) => sent.updates],
      ["updates_total_received", "UPDATE messages received", (_, received) => received.updates],
      ["opens_sent", "OPEN messages sent", (sent) => sent.opens],
      ["opens_received", "OPEN messages received", (_, received) => received.opens],
      ["notifications_sent", "NOTIFICATION messages sent", (sent) => sent.notifications],
      ["keepalives_sent", "KEEPALIVE messages sent", (sent) => sent.keepalives],
      ["keepalives_received", "KEEPALIVE messages received", (_, received) => received.keepalives],
      ["route_refresh_sent", "ROUTE-REFRESH messages sent", (sent) => sent.routeRefreshes],
      ["total_sent", "Messages sent", (sent) => total(sent)],
      ["total_received", "Messages received", (_, received) => total(received)],
    ];
    for (const [name, help, read] of counted) {
      this.#liveCounter(`metallb_bgp_${name}`, help, labels, (counter) => {
        for (const { labels, peer } of label()) counter.inc(labels, read(peer.sent, peer.received));
      });
    }
  }

  #members(members: Members): void {
    this.#live("metallb_speaker_members", "Fellow speakers by state", ["state"], (gauge) => {
      for (const state of ["alive", "dead", "left"]) gauge.set({ state }, 0);
      for (const { state } of members.list()) gauge.inc({ state });
    });
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #live(name: string, help: string, labelNames: string[], fill: (gauge: Gauge) => void): void {
    const collect = () => {
      gauge.reset();
      fill(gauge);
    };
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [this.registry], collect });
  }

  #liveCounter(name: string, help: string, labelNames: string[], fill: (counter: Counter) => void): void {
    const collect = () => {
      counter.reset();
      fill(counter);
    };
    const counter: Counter = new Counter({ name, help, labelNames, registers: [this.registry], collect });
  }
}

/** `peer` is the address alone, as frr-k8s has it; `address:port` only where two peers share an address. */
function peerLabels(bgp: BgpSpeaker) {
  const peers = bgp.metrics();
  const seen = new Map<string, number>();
  for (const { address, vrf } of peers)
    seen.set(`${address} ${vrf}`, (seen.get(`${address} ${vrf}`) ?? 0) + 1);
  return peers.map((peer) => ({
    peer,
    labels: {
      peer:
        (seen.get(`${peer.address} ${peer.vrf}`) ?? 0) > 1 ? `${peer.address}:${peer.port}` : peer.address,
      vrf: peer.vrf || "default",
    },
  }));
}

function total(messages: MessageCounters): number {
  return Object.values(messages).reduce((sum: number, count: number) => sum + count, 0);
}
