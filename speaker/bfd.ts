import { networkInterfaces } from "node:os";
import type { BfdProfile, BgpPeer } from "#core/config/mod.ts";
import { type IpAddress, parsePrefix, prefixContains } from "#core/net/mod.ts";
import type { Logger } from "#io/mod.ts";
import type { BfdSessionRow } from "#server/ports.ts";
import { type WantedSession, wantedSessions } from "./bfd_settings.ts";
import type { BfdState, BgpSpeaker } from "./bgp/mod.ts";
import type { BfdSessionReport, BfdSessionSettings } from "./data_plane/mod.ts";

export interface BfdParts {
  readonly bgp: Pick<BgpSpeaker, "sessions" | "bfdChanged">;
  /** The whole set, to the data plane. */
  readonly send: (sessions: BfdSessionSettings[]) => void;
  readonly log: Pick<Logger, "info" | "warn">;
  /** The state that others read changed. */
  readonly changed: () => void;
  readonly isConnected?: (address: IpAddress) => boolean;
}

/**
 * Which BGP peers are watched by BFD, and what that says of them. The sessions themselves are kept by the data plane;
 * BGP does not wait for them to come up, but goes down with them (RFC 5882 §3.2, §4.2).
 */
export class BfdPeers {
  readonly #parts: BfdParts;
  #peers: readonly BgpPeer[] = [];
  #profiles: readonly BfdProfile[] = [];
  #wanted = new Map<string, WantedSession>();
  readonly #reports = new Map<string, BfdSessionReport>();

  constructor(parts: BfdParts) {
    this.#parts = parts;
  }

  /** The BGPPeers of this node, and all profiles. */
  setPeers(peers: readonly BgpPeer[], profiles: readonly BfdProfile[]): void {
    this.#peers = peers;
    this.#profiles = profiles;
    this.follow();
  }

  /** The address of an unnumbered peer, or of this node, may be another. */
  follow(): void {
    if (this.#wanted.size === 0 && !this.#peers.some(({ bfdProfile }) => bfdProfile !== undefined)) return;
    const addresses = new Map(this.#parts.bgp.sessions().map(({ peer, address }) => [peer, address]));
    const wanted = wantedSessions(this.#peers, this.#profiles, {
      addressOf: (peer) => addresses.get(peer),
      isConnected: this.#parts.isConnected ?? isConnected,
    });
    const before = this.#wanted;
    this.#wanted = new Map(wanted.map((each) => [each.settings.key, each]));
    for (const [key, { settings }] of before) this.#forgetUnless(key, settings);
    this.#remind();
    const sessions = wanted.map(({ settings }) => settings);
    if (
      Bun.deepEquals(
        sessions,
        [...before.values()].map(({ settings }) => settings),
      )
    )
      return;
    this.#parts.send(sessions);
    this.#parts.changed();
  }

  get isWatching(): boolean {
    return this.#wanted.size > 0;
  }

  /** BGP has said its goodbyes: what BFD says now ends nothing any more. */
  stop(): void {
    this.setPeers([], []);
  }

  heard(reports: readonly BfdSessionReport[]): void {
    for (const report of reports) {
      const wanted = this.#wanted.get(report.key);
      if (!wanted) continue;
      const before = this.#reports.get(report.key);
      this.#reports.set(report.key, report);
      if (before?.problem !== report.problem && report.problem) this.#parts.log.warn(report.problem);
      if (before && clientState(before) === clientState(report)) continue;
      this.#tell(wanted, report);
    }
  }

  /** In the order of the BGPPeers; a session of which nothing was heard yet is left out. */
  list(): BfdSessionRow[] {
    return [...this.#wanted.values()].flatMap(({ settings, peers }) => {
      const report = this.#reports.get(settings.key);
      if (!report) return [];
      const { key: _, ...said } = report;
      const { address, interface: through, vrf = "", isMultihop } = settings;
      return [
        { peers, address, vrf, isMultihop, ...(through !== undefined && { interface: through }), ...said },
      ];
    });
  }

  /** A BGP session that began since has not been told; one that has ignores it. */
  #remind(): void {
    for (const [key, { settings }] of this.#wanted) {
      const report = this.#reports.get(key);
      if (report) this.#parts.bgp.bfdChanged(peerText(settings), settings.vrf ?? "", clientState(report));
    }
  }

  /** A session that begins anew, or is no more, says nothing of the path any more. */
  #forgetUnless(key: string, settings: BfdSessionSettings): void {
    const now = this.#wanted.get(key)?.settings;
    const isSame =
      now && now.localAddress === settings.localAddress && now.isMultihop === settings.isMultihop;
    if (isSame || !this.#reports.delete(key)) return;
    this.#parts.bgp.bfdChanged(peerText(settings), settings.vrf ?? "", "adminDown");
  }

  #tell({ settings, peers }: WantedSession, report: BfdSessionReport): void {
    const state = clientState(report);
    const why = state === "up" ? undefined : (report.diagnostic ?? report.remoteDiagnostic);
    this.#parts.log.info("BFD session", {
      peer: peers.join(", "),
      address: peerText(settings),
      state: report.state,
      ...(why && { why }),
    });
    this.#parts.bgp.bfdChanged(peerText(settings), settings.vrf ?? "", state);
    this.#parts.changed();
  }
}

function peerText({ address, interface: through }: BfdSessionSettings): string {
  return through === undefined ? address : `${address}%${through}`;
}

/** RFC 5882 §3.2: a peer whose administrator switched BFD off is not lost. */
function clientState({ state, remoteState }: BfdSessionReport): BfdState {
  if (state === "Up") return "up";
  return remoteState === "AdminDown" || state === "AdminDown" ? "adminDown" : "down";
}

function isConnected(address: IpAddress): boolean {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some(({ cidr }) => {
      const prefix = cidr === null ? undefined : parsePrefix(cidr);
      return prefix !== undefined && prefixContains(prefix, address);
    });
}
