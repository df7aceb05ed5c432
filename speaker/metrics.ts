import type { RingState as RingReport } from "#core/membership/ring/mod.ts";
import { ComponentMetrics } from "#server/metrics/mod.ts";
import type { AddressConflict, BfdSessionRow, Move } from "#server/ports.ts";
import type { BfdPeers } from "./bfd.ts";
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
  bfd: Pick<BfdPeers, "list">;
  members: Members;
}

/** A speaker's metrics (DESIGN section 5). */
export class SpeakerMetrics extends ComponentMetrics {
  readonly #node: string;
  readonly takeovers = this.histogram(
    "metallb_speaker_takeover_duration_seconds",
    "From the last sign of life of the old announcer to the first gratuitous frame of this one",
    [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 5, 10, 30],
  );
  readonly announcerChanges = this.counter(
    "metallb_speaker_announcer_changes_total",
    "Moves of an address to or from this node",
    ["cause"],
  );
  readonly ringVerdicts = this.counter(
    "metallb_speaker_ring_verdicts_total",
    "Fellow speakers that this node found dead, or was told so of",
  );
  readonly configHeld = this.gauge(
    "metallb_speaker_config_held_bool",
    "1 while every pool has vanished and the last configuration stays in force for what Services hold",
  );
  readonly conflictFrames = this.counter(
    "metallb_speaker_address_conflict_frames_total",
    "ARP and NDP frames in which another host spoke as an address of this node",
    ["ip"],
  );

  constructor(sources: Sources) {
    super(sources.version);
    this.#node = sources.node;
    this.#announced(sources);
    this.#layer2(sources);
    this.#bgp(sources.bgp);
    this.#bfd(sources.bfd);
    this.#members(sources.members);
  }

  /** This node took an address over, or gave it up. */
  moved(move: Move): void {
    this.announcerChanges.inc({ cause: move.why.code });
    if (move.from !== undefined && move.tookMs !== undefined) this.takeovers.observe(move.tookMs / 1000);
  }

  /** Conflicts appear with their first frame, and disappear when they are over. */
  watchConflicts(list: () => readonly AddressConflict[]): void {
    this.live(
      "metallb_speaker_address_conflicts",
      "Other hosts that speak as an address which this node announces or is to announce",
      ["ip", "node", "phase"],
      (gauge) => {
        for (const { address, phase } of list()) gauge.inc({ ip: address, node: this.#node, phase });
      },
    );
  }

  /** Series of the ring are there while this node takes part in it. */
  watchRing(report: () => RingReport | undefined): void {
    const read = (name: string, help: string, value: (ring: RingReport) => number) =>
      this.live(name, help, [], (gauge) => {
        const ring = report();
        if (ring) gauge.set(value(ring));
        else gauge.remove();
      });
    read(
      "metallb_speaker_ring_awareness",
      "Doubt of this node about itself; 0 is well",
      (ring) => ring.awareness,
    );
    read("metallb_speaker_ring_watchers", "Nodes that watch this one", (ring) => ring.watchers.length);
    this.live(
      "metallb_speaker_ring_round_trip_seconds",
      "Round trips to the members that were asked, the median and the longest",
      ["quantile"],
      (gauge) => {
        const trips = (report()?.members ?? []).flatMap(({ roundTripMs }) => roundTripMs ?? []);
        const sorted = trips.sort((a, b) => a - b);
        const [median, longest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
        if (median !== undefined) gauge.set({ quantile: "0.5" }, median / 1000);
        if (longest !== undefined) gauge.set({ quantile: "1" }, longest / 1000);
      },
    );
    for (const field of ["accusations", "vetoes"] as const) {
      const help = `${field === "vetoes" ? "Vetoes" : "Accusations"} of fellow speakers that this node took part in`;
      this.liveCounter(`metallb_speaker_ring_${field}_total`, help, [], (counter) => {
        for (const member of report()?.members ?? []) counter.inc(member[field]);
      });
    }
  }

  /** This node has nothing to do with the address any more. */
  forget(address: string): void {
    this.conflictFrames.remove({ ip: address });
  }

  #announced({ node, addresses, routes }: Sources): void {
    this.live(
      "metallb_speaker_announced",
      "1 for each address this node announces",
      ["ip", "node", "protocol", "service"],
      (gauge) => {
        for (const { address, services } of addresses.entries()) {
          // Elected is not announced: it may still be probed for, or have no interface.
          if (!addresses.isAnnounced(address)) continue;
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
        this.liveCounter(spelling, help, ["ip", "node"], (counter) => {
          for (const each of addresses.counters()) counter.inc({ ip: each.address, node }, each[field]);
        });
      }
    }
  }

  #bgp(bgp: BgpSpeaker): void {
    const labels = ["peer", "vrf"];
    const label = () => peerLabels(bgp);
    this.live("metallb_bgp_session_up", "1 while the session is Established", labels, (gauge) => {
      for (const { labels, peer } of label()) gauge.set(labels, peer.isUp ? 1 : 0);
    });
    this.live("metallb_bgp_announced_prefixes_total", "Prefixes announced to the peer", labels, (gauge) => {
      for (const { labels, peer } of label()) gauge.set(labels, peer.prefixesAnnounced);
    });
    this.live(
      "metallb_bgp_pending_prefixes_total",
      "Prefixes still to be told to the peer",
      labels,
      (gauge) => {
        for (const { labels, peer } of label()) gauge.set(labels, peer.prefixesPending);
      },
    );
    this.live("metallb_bgp_received_prefixes_total", "Prefixes the peer announces to us", labels, (gauge) => {
      for (const { labels, peer } of label()) gauge.set(labels, peer.prefixesReceived);
    });
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
      this.liveCounter(`metallb_bgp_${name}`, help, labels, (counter) => {
        for (const { labels, peer } of label()) counter.inc(labels, read(peer.sent, peer.received));
      });
    }
  }

  /** The names that FRR's exporter gives them, in which a counter has no `_total`. */
  #bfd(bfd: Pick<BfdPeers, "list">): void {
    const labels = ["peer", "vrf"];
    const sessions = () =>
      bfd.list().map((session) => ({
        session,
        labels: { peer: bfdPeerLabel(session), vrf: session.vrf || "default" },
      }));
    this.live("metallb_bfd_session_up", "1 while the BFD session is Up", labels, (gauge) => {
      for (const { labels, session } of sessions()) gauge.set(labels, session.state === "Up" ? 1 : 0);
    });
    const counted: [string, string, (counters: BfdSessionRow["counters"]) => number][] = [
      ["control_packet_input", "BFD control packets received", ({ controlIn }) => controlIn],
      ["control_packet_output", "BFD control packets sent", ({ controlOut }) => controlOut],
      ["echo_packet_input", "BFD echo packets that came back", ({ echoIn }) => echoIn],
      ["echo_packet_output", "BFD echo packets sent", ({ echoOut }) => echoOut],
      ["session_up_events", "Times that the BFD session came up", ({ up }) => up],
      ["session_down_events", "Times that the BFD session went down from up", ({ down }) => down],
    ];
    for (const [name, help, read] of counted) {
      this.liveCounter(`metallb_bfd_${name}`, help, labels, (counter) => {
        for (const { labels, session } of sessions()) counter.inc(labels, read(session.counters));
      });
    }
  }

  #members(members: Members): void {
    this.live("metallb_speaker_members", "Fellow speakers by state", ["state"], (gauge) => {
      for (const state of ["alive", "dead", "left"]) gauge.set({ state }, 0);
      for (const { state } of members.list()) gauge.inc({ state });
    });
  }
}

function bfdPeerLabel({ address, interface: through }: BfdSessionRow): string {
  return through === undefined ? address : `${address}%${through}`;
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
