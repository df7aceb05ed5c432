import type { Route } from "#core/bgp/mod.ts";
import type { Prefix } from "#core/net/mod.ts";
import type { BgpSessionRow } from "#server/ports.ts";
import type { BgpSpeakerOptions, PeerMetrics, PeerSettings } from "./types.ts";

/** All BGP sessions of this node. Signatures only for now: the class body follows. */
export declare class BgpSpeaker {
  constructor(options: BgpSpeakerOptions);
  /** The whole list: starts new peers, stops missing ones, restarts those whose settings differ. Routes stay. */
  setPeers(peers: readonly PeerSettings[]): void;
  /** Everything the peer shall know; only the difference is sent. The peer must be in the list of setPeers(). */
  setRoutes(peerName: string, routes: Iterable<Route>): void;
  /** The same by its difference: costs what changes, however large the table is. */
  changeRoutes(peerName: string, change: { announce?: Iterable<Route>; withdraw?: Iterable<Prefix> }): void;
  /** In the order of setPeers(). */
  sessions(): Omit<BgpSessionRow, "node">[];
  metrics(): PeerMetrics[];
  /** Sends Cease/Administrative Shutdown with the text (RFC 9003) to every peer and closes; resolves when done, within 2 s. */
  stop(text?: string): Promise<void>;
}
