import type { JournalEntry, Route } from "#core/bgp/mod.ts";
import { formatAddress, type Prefix } from "#core/net/mod.ts";
import { type Clock, systemClock } from "#io/mod.ts";
import type { BgpSessionRow } from "#server/ports.ts";
import { type Dial, dialPeer } from "./dial.ts";
import { type Listen, Listeners, listenForPeers } from "./listeners.ts";
import type { AcceptsPassword } from "./password_rotation.ts";
import { PeerSession } from "./peer_session.ts";
import { type OpenRouterLink, openRouterLink } from "./router_link.ts";
import { keepsRoutes, peerLabel, restartTimeSeconds, sameSession } from "./settings.ts";
import { acceptsPassword } from "./silence.ts";
import type { BfdState, BgpSpeakerOptions, PeerMetrics, PeerSettings } from "./types.ts";
import { UnnumberedLink } from "./unnumbered.ts";
import { messageLog, peerMetrics, sessionRow } from "./views.ts";

/** Time, chance and TCP, for those who must hold them in their hands. */
export interface BgpWorld {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly dial?: Dial;
  readonly acceptsPassword?: AcceptsPassword;
  readonly listen?: Listen;
  readonly openRouterLink?: OpenRouterLink;
}

/** RFC 4271 §8: where peers dial in. */
const bgpPort = 179;

/** All BGP sessions of this node. */
export class BgpSpeaker {
  readonly #options: BgpSpeakerOptions;
  readonly #world: Required<BgpWorld>;
  readonly #startedAt: number;
  /** By BGPPeer name, in the order of setPeers(). */
  #sessions = new Map<string, PeerSession>();
  readonly #listeners: Listeners;
  /** By BGPPeer name. */
  readonly #links = new Map<string, UnnumberedLink>();
  /** As last heard, by address and VRF. */
  readonly #bfd = new Map<string, BfdState>();
  #isDraining = false;
  #isChangeScheduled = false;

  constructor(options: BgpSpeakerOptions, world: BgpWorld = {}) {
    this.#options = options;
    this.#world = {
      clock: systemClock,
      random: Math.random,
      dial: dialPeer,
      acceptsPassword,
      listen: listenForPeers,
      openRouterLink,
      ...world,
    };
    this.#listeners = new Listeners(this.#world.listen, options.listenPort ?? bgpPort);
    this.#startedAt = this.#world.clock.monotonicMs();
  }

  /**
   * The whole list: starts new peers, stops missing ones, restarts those whose settings need another session. Routes
   * stay; under graceful restart the peer keeps them over the change, too.
   */
  setPeers(peers: readonly PeerSettings[]): void {
    const before = this.#sessions;
    this.#sessions = new Map();
    for (const peer of peers) {
      const session = before.get(peer.name);
      before.delete(peer.name);
      this.#sessions.set(peer.name, session ? this.#adapt(session, peer) : this.#begin(peer));
    }
    for (const session of before.values()) void session.stop("Peer De-configured");
    this.#followLinks();
    this.#forgetBfd();
    this.#listeners.follow([...this.#sessions.values()]);
    this.#changed();
  }

  /** Everything the peer shall know; only the difference is sent. The peer must be in the list of setPeers(). */
  setRoutes(peerName: string, routes: Iterable<Route>): void {
    const session = this.#session(peerName);
    session.ribOut.replace(routes);
    session.scheduleFlush();
    this.#changed();
  }

  /** The same by its difference: costs what changes, however large the table is. */
  changeRoutes(
    peerName: string,
    { announce = [], withdraw = [] }: { announce?: Iterable<Route>; withdraw?: Iterable<Prefix> },
  ): void {
    const session = this.#session(peerName);
    session.ribOut.change(announce, withdraw);
    session.scheduleFlush();
    this.#changed();
  }

  /**
   * BFD with a peer has another state. `address` as `formatAddress` gives it, a link-local one with or without its zone;
   * `vrf` is "" for the default one. Peers without a `bfdProfile` do not heed it.
   */
  bfdChanged(address: string, vrf: string, state: BfdState): void {
    this.#bfd.set(`${address} ${vrf}`, state);
    const [bare = "", zone] = address.split("%");
    for (const session of this.#sessions.values()) {
      const { settings, address: known } = session;
      const isMeant = known && formatAddress(known) === bare && (settings.vrf ?? "") === vrf;
      if (isMeant && (zone === undefined || zone === settings.interface)) session.bfdChanged(state);
    }
  }

  /** In the order of setPeers(). */
  sessions(): Omit<BgpSessionRow, "node">[] {
    return [...this.#sessions.values()].map(sessionRow);
  }

  metrics(): PeerMetrics[] {
    return [...this.#sessions.values()].map(peerMetrics);
  }

  /** The last 256 messages to and from a peer in words, oldest first; KEEPALIVEs apart. */
  messages(peerName: string): JournalEntry[] {
    return messageLog(this.#session(peerName));
  }

  /** The node is drained: routers shall prefer other ways, while this one still works (RFC 8326). */
  setDraining(isDraining: boolean): void {
    if (this.#isDraining === isDraining) return;
    this.#isDraining = isDraining;
    for (const session of this.#sessions.values()) session.setGracefulShutdown(isDraining);
    this.#changed();
  }

  /** How long {@link stop} tells routers ahead that the routes go. */
  get gracefulShutdownMs(): number {
    const times = [...this.#sessions.values()]
      .filter(({ ribOut }) => ribOut.announced > 0)
      .map(({ settings }) => settings.gracefulShutdownMs ?? 0);
    return Math.max(0, ...times);
  }

  /**
   * The process ends, and may come back: sends Cease/Administrative Shutdown with the text (RFC 9003) to every peer and
   * closes, without a word where the peer keeps routes over a restart (RFC 4724); resolves when done, within 2 s. Peers
   * with `gracefulShutdownMs` are told of it so long before.
   */
  async stop(text?: string): Promise<void> {
    const sessions = [...this.#sessions.values()];
    const untilStop = this.gracefulShutdownMs;
    for (const session of sessions)
      if (session.settings.gracefulShutdownMs) session.setGracefulShutdown(true);
    // RFC 8326 §4: the routes say that they go, and stay until routers have moved the traffic.
    if (untilStop > 0) await new Promise((resolve) => setTimeout(resolve, untilStop));
    this.#sessions = new Map();
    this.#followLinks();
    this.#listeners.stop();
    await Promise.all(sessions.map((session) => session.stopForRestart("Administrative Shutdown", text)));
  }

  #session(peerName: string): PeerSession {
    const session = this.#sessions.get(peerName);
    if (!session) throw new Error(`Cannot use BGP peer "${peerName}": setPeers() did not name it`);
    return session;
  }

  #begin(peer: PeerSettings, replaced?: PeerSession): PeerSession {
    const { nodeName, log } = this.#options;
    const session = new PeerSession(
      peer,
      {
        ...this.#world,
        nodeName,
        hasRestarted: replaced === undefined && this.#isStarting(),
        changed: () => this.#changed(),
        log: (level, message) => log?.(level, peerLabel(peer), message),
      },
      replaced?.ribOut,
    );
    session.setGracefulShutdown(this.#isDraining);
    session.begin(replaced);
    this.#tellBfd(session);
    return session;
  }

  #adapt(session: PeerSession, peer: PeerSettings): PeerSession {
    if (sameSession(session.settings, peer)) {
      session.adapt(peer);
      return session;
    }
    const cease = "Other Configuration Change";
    void (keepsRoutes(session.settings, peer) ? session.stopForRestart(cease) : session.stop(cease));
    return this.#begin(peer, session);
  }

  /** A session that begins while BFD with its peer goes on: the end of what is up now is to end it. */
  #tellBfd(session: PeerSession): void {
    const { address, settings } = session;
    if (!address) return;
    const vrf = settings.vrf ?? "";
    const bare = formatAddress(address);
    const state = this.#bfd.get(`${bare} ${vrf}`) ?? this.#bfd.get(`${bare}%${settings.interface} ${vrf}`);
    if (state === "up") session.bfdChanged(state);
  }

  /** What was heard of peers that no BFDProfile watches any more. */
  #forgetBfd(): void {
    for (const key of this.#bfd.keys()) {
      const [text = "", vrf] = key.split(" ");
      const [bare] = text.split("%");
      const isWatched = [...this.#sessions.values()].some(
        ({ settings, address }) =>
          settings.bfdProfile !== undefined &&
          address &&
          formatAddress(address) === bare &&
          (settings.vrf ?? "") === vrf,
      );
      if (!isWatched) this.#bfd.delete(key);
    }
  }

  /** Each unnumbered peer has its link, and no other has one. */
  #followLinks(): void {
    const wanted = new Set<string>();
    for (const [name, { settings }] of this.#sessions) {
      const { address, interface: device } = settings;
      if (address || device === undefined) continue;
      wanted.add(name);
      const link = this.#links.get(name);
      if (link?.device === device) continue;
      link?.stop();
      this.#links.set(name, this.#openLink(name, device));
    }
    for (const [name, link] of this.#links) {
      if (wanted.has(name)) continue;
      link.stop();
      this.#links.delete(name);
    }
  }

  #openLink(name: string, device: string): UnnumberedLink {
    return new UnnumberedLink({
      device,
      clock: this.#world.clock,
      open: this.#world.openRouterLink,
      heard: (address) => {
        const session = this.#sessions.get(name);
        session?.neighbourHeard(address);
        if (session) this.#tellBfd(session);
        this.#listeners.follow([...this.#sessions.values()]);
      },
      problem: (words) => this.#sessions.get(name)?.advise(words),
    });
  }

  /** Peers still hold the routes of a process before this one, where they keep them. */
  #isStarting(): boolean {
    return this.#world.clock.monotonicMs() - this.#startedAt < restartTimeSeconds * 1_000;
  }

  /** Once per turn of the event loop. */
  #changed(): void {
    if (this.#isChangeScheduled) return;
    this.#isChangeScheduled = true;
    setImmediate(() => {
      this.#isChangeScheduled = false;
      this.#options.onChange?.();
    });
  }
}
