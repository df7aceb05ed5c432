import { type MergedRoute, type RouteChange, RouteTable } from "#core/announce/mod.ts";
import { parseCommunity, type Route } from "#core/bgp/mod.ts";
import { formatPrefix, parsePrefix } from "#core/net/mod.ts";
import type { BgpSpeaker, PeerSettings } from "./bgp/mod.ts";

/** Feeds the BGP sessions: each change of a Service goes out as the routes that it changed, and nothing else. */
export class Routes {
  readonly #table = new RouteTable();
  readonly #since = new Map<string, number>();
  readonly #bgp: BgpSpeaker;
  /** Prefixes of each Service. */
  readonly #prefixes = new Map<string, readonly string[]>();
  /** Peers that each prefix goes to. */
  readonly #peersOf = new Map<string, readonly string[]>();
  #peers: readonly string[] = [];
  #servicePeers: (service: string, peers: string[]) => void = () => {};

  constructor(bgp: BgpSpeaker) {
    this.#bgp = bgp;
  }

  setPeers(peers: readonly PeerSettings[]): void {
    const before = new Set(this.#peers);
    this.#bgp.setPeers(peers);
    this.#peers = peers.map((peer) => peer.name);
    const isSame = this.#peers.length === before.size && this.#peers.every((peer) => before.has(peer));
    if (isSame) return;
    for (const peer of this.#peers) if (!before.has(peer)) this.#bgp.setRoutes(peer, this.#allFor(peer));
    for (const prefix of this.#table.prefixes()) this.#judge(prefix);
    for (const service of this.#prefixes.keys()) this.#tell(service);
  }

  /** Calls back with the peers of this node that a Service's routes are meant for, after each decision about it. */
  onServicePeers(listener: (service: string, peers: string[]) => void): void {
    this.#servicePeers = listener;
  }

  /** The node drains: what it announces goes on, as what others should be preferred to (RFC 8326). */
  setDraining(isDraining: boolean): void {
    this.#bgp.setDraining(isDraining);
  }

  apply(changes: readonly RouteChange[], now: number): void {
    const touched = new Set<string>();
    for (const change of changes) {
      for (const prefix of this.#table.apply(change)) touched.add(prefix);
      const prefixes = [...new Set(change.after.map((route) => formatPrefix(route.prefix)))];
      if (prefixes.length > 0) this.#prefixes.set(change.service, prefixes);
      else this.#prefixes.delete(change.service);
    }
    if (touched.size === 0) return;
    const services = new Set(changes.map((change) => change.service));
    for (const prefix of touched) {
      // Services that share a prefix go to the same peers; thousands may share an aggregate.
      if (this.#judge(prefix)) for (const service of this.#table.servicesOf(prefix)) services.add(service);
    }
    for (const service of services) this.#tell(service);
    for (const peer of this.#peers) this.#send(peer, touched);
    for (const prefix of touched) {
      if (this.#table.servicesOf(prefix).length === 0) this.#since.delete(prefix);
      else if (!this.#since.has(prefix)) this.#since.set(prefix, now);
    }
  }

  /** Every prefix with the Services behind it and the peers it goes to. */
  list(): { prefix: string; services: string[]; peers: string[]; since: number }[] {
    return [...this.#table.prefixes()].map((prefix) => ({
      prefix,
      services: this.#table.servicesOf(prefix),
      peers: [...(this.#peersOf.get(prefix) ?? [])],
      since: this.#since.get(prefix) ?? 0,
    }));
  }

  /** Where the prefix goes to now; true: elsewhere than before. */
  #judge(prefix: string): boolean {
    const before = this.#peersOf.get(prefix) ?? [];
    const after = this.#peers.filter((peer) => this.#table.routeFor(prefix, peer));
    if (after.length > 0) this.#peersOf.set(prefix, after);
    else this.#peersOf.delete(prefix);
    return !Bun.deepEquals(before, after);
  }

  #tell(service: string): void {
    const prefixes = this.#prefixes.get(service) ?? [];
    const sent = new Set(prefixes.flatMap((prefix) => this.#peersOf.get(prefix) ?? []));
    this.#servicePeers(
      service,
      this.#peers.filter((peer) => sent.has(peer)),
    );
  }

  #send(peer: string, touched: ReadonlySet<string>): void {
    const announce: Route[] = [];
    const withdraw = [];
    for (const text of touched) {
      const merged = this.#table.routeFor(text, peer);
      if (merged) announce.push(engineRoute(merged));
      else withdraw.push(parsePrefix(text));
    }
    this.#bgp.changeRoutes(peer, { announce, withdraw: withdraw.filter((prefix) => prefix !== undefined) });
  }

  *#allFor(peer: string): Generator<Route> {
    for (const prefix of this.#table.prefixes()) {
      const merged = this.#table.routeFor(prefix, peer);
      if (merged) yield engineRoute(merged);
    }
  }
}

function engineRoute(route: MergedRoute): Route {
  return {
    prefix: route.prefix,
    communities: route.communities.flatMap((text) => parseCommunity(text) ?? []),
    ...(route.localPref === undefined ? {} : { localPref: route.localPref }),
  };
}
