import {
  AdjRibIn,
  AdjRibOut,
  type CeaseReason,
  Journal,
  type Message,
  messageLengthMax,
  type Negotiated,
  newSession,
  type Session,
} from "#core/bgp/mod.ts";
import { type IpAddress, sameAddress } from "#core/net/mod.ts";
import type { Connection } from "./connection.ts";
import type { FsmDriver, RouteAction } from "./fsm_driver.ts";
import { FsmPair, type PairOwner } from "./fsm_pair.ts";
import { type LocalEnd, missingNextHops, sessionNextHops } from "./next_hops.ts";
import { rotatePassword } from "./password_rotation.ts";
import { oversizedWords, type Remark, Remarks } from "./remarks.ts";
import type { SessionWorld } from "./session_world.ts";
import { bgpIdentifier, liveParameters, sessionParameters } from "./settings.ts";
import type { BfdState, PeerSettings, PeerTarget } from "./types.ts";

/** Octets handed to a connection in one turn of the event loop, so that no peer holds up the others. */
const turnBytes = 65_536;

/** Connections that both sides dialled at once arrive within this of one another. */
const collisionTimeMs = 5_000;

/** One peer: its routes, the session that carries them, and what people should know of both. */
export class PeerSession implements PairOwner {
  readonly journal = new Journal();
  readonly ribIn = new AdjRibIn();
  readonly traffic = { sent: 0, received: 0 };
  readonly #remarks: Remarks;
  #settings: PeerSettings;
  readonly #fsm: FsmPair;
  /** Of an unnumbered peer, as it was heard. */
  #neighbour: IpAddress | undefined;
  #bfd: BfdState | undefined;
  /** The connection whose peer has not acknowledged the new password yet. */
  #rotating: Connection | undefined;
  #isFlushScheduled = false;

  /** Give the routes of the session that this one replaces. */
  constructor(
    settings: PeerSettings,
    readonly world: SessionWorld,
    readonly ribOut = new AdjRibOut(),
  ) {
    this.#settings = settings;
    this.#remarks = new Remarks(world.clock, (text) => world.log("warn", text));
    const parameters = sessionParameters(settings, world.nodeName, world.hasRestarted);
    this.#fsm = new FsmPair(newSession(parameters, world.clock.monotonicMs()), this);
  }

  get settings(): PeerSettings {
    return this.#settings;
  }

  get state(): Session {
    return this.#main.state;
  }

  /** What else people should know: not an end of the session, but something that is not as they asked for. */
  get advice(): Remark | undefined {
    return this.#remarks.advice;
  }

  /** As last heard; undefined where nothing watches the peer. */
  get bfd(): BfdState | undefined {
    return this.#bfd;
  }

  /** Undefined for an unnumbered peer that was not heard yet. */
  get address(): IpAddress | undefined {
    return this.#settings.address ?? this.#neighbour;
  }

  /** Undefined for a peer with an address, and before it was heard. */
  get neighbour(): IpAddress | undefined {
    return this.#neighbour;
  }

  /** `replaced`: what is known of the peer goes over to this session. */
  begin(replaced?: PeerSession): void {
    const isSameLink = replaced?.settings.interface === this.#settings.interface;
    if (!this.#settings.address && isSameLink) this.#neighbour = replaced?.neighbour;
    this.#start();
  }

  #start(): void {
    if (this.address) this.#main.dispatch({ type: "AutomaticStart_with_DampPeerOscillations" });
    else this.advise(`no router advertisement was heard on interface ${this.#settings.interface} yet`);
  }

  /** Says goodbye with a reason and resolves when the connection is gone. */
  stop(cease: CeaseReason, text?: string): Promise<void> {
    return this.#fsm.end(cease, text, false);
  }

  /** We will be back: a peer of graceful restart keeps the routes (RFC 4724), any other one hears a goodbye. */
  stopForRestart(cease: CeaseReason, text?: string): Promise<void> {
    return this.#fsm.end(cease, text, true);
  }

  /** Takes settings with which the session may go on (`sameSession`): the running one heeds them at once. */
  adapt(settings: PeerSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (settings.bfdProfile === undefined) this.#bfd = undefined;
    this.#fsm.adjust(liveParameters(settings));
    const isRekeyed = settings.password !== before.password;
    const isUp = this.#main.state.state === "Established";
    if (isRekeyed && isUp) this.#rotate();
    else if (!isUp && (isRekeyed || settings.connection !== before.connection)) {
      this.#startAnew("Other Configuration Change");
    }
  }

  /** An unnumbered peer was heard at this address. */
  neighbourHeard(address: IpAddress): void {
    if (this.#settings.address || (this.#neighbour && sameAddress(this.#neighbour, address))) return;
    this.#neighbour = address;
    this.#remarks.takeBack();
    this.#startAnew("Peer De-configured");
  }

  /** The peer dialled; false: it is not wanted now (the owner closes). */
  accept(connection: Connection, local: LocalEnd): boolean {
    if (this.#isBelievedInVain()) {
      const reason = "the peer has opened a new connection: it has restarted";
      this.#main.dispatch({ type: "TcpConnectionFails", reason });
    }
    return this.#fsm.accept(connection, local);
  }

  /**
   * RFC 4724 §4.2: a peer that comes anew has lost the connection that we still believe in. Not so where both have just
   * dialled: that is a collision.
   */
  #isBelievedInVain(): boolean {
    const { state, negotiated, since } = this.#main.state;
    const isFresh = this.world.clock.monotonicMs() - since < collisionTimeMs;
    return (
      state === "Established" &&
      (this.#rotating !== undefined || (negotiated?.gracefulRestart === true && !isFresh))
    );
  }

  /**
   * RFC 5882 §4.2: BFD that was up and is down ends the session at once (RFC 9384: Cease, BFD Down); that it was never
   * up, or that the peer switched it off, says nothing of the path.
   */
  bfdChanged(state: BfdState): void {
    if (this.#settings.bfdProfile === undefined || state === this.#bfd) return;
    const isLost = this.#bfd === "up" && state === "down";
    this.#bfd = state;
    this.world.changed();
    if (isLost && this.#main.isTalking) this.#main.dispatch({ type: "AutomaticStop", cease: "BFD Down" });
  }

  /** RFC 8326: what we announce is about to go; routers move traffic away while it still arrives. */
  setGracefulShutdown(isOn: boolean): void {
    if (this.ribOut.setGracefulShutdown(isOn)) this.scheduleFlush();
  }

  /** The routes changed: sends what waits after this turn, so that changes of one turn share UPDATEs. */
  scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.#flush();
    });
  }

  advise(text: string): void {
    this.#remarks.advise(text);
    this.world.changed();
  }

  target(): PeerTarget | undefined {
    const { address } = this;
    return address && { ...this.#settings, address };
  }

  identifierAt(local: LocalEnd): number {
    return bgpIdentifier(this.#settings, local.address, this.world.nodeName);
  }

  connected(warning: string | undefined): void {
    this.#remarks.takeBack();
    if (warning) this.advise(warning);
  }

  silent(words: string): void {
    this.advise(words);
  }

  recorded(direction: "sent" | "received", message: Message): void {
    this.journal.record(this.world.clock.monotonicMs(), direction, message);
  }

  perform(action: RouteAction): void {
    switch (action.type) {
      case "sessionUp":
        this.#up(this.#main, action.negotiated);
        break;
      case "sessionDown":
        this.#rotating = undefined;
        this.ribOut.close();
        this.ribIn.clear();
        break;
      case "update":
        this.ribIn.receive(action.message);
        this.world.changed();
        break;
      case "refresh":
        this.ribOut.refresh(action.family, action.isFramed);
        this.scheduleFlush();
    }
  }

  drained(): void {
    this.#flush();
  }

  moved(before: Session, after: Session): void {
    if (before.state === after.state && before.lastError === after.lastError) return;
    this.world.changed();
    const { negotiated, lastError } = after;
    if (after.state === "Established" && negotiated && before.state !== "Established") {
      const { peerAS, holdTimeMs } = negotiated;
      this.world.log("info", `session established with AS ${peerAS}, hold time ${holdTimeMs / 1000} s`);
    } else if (lastError && lastError !== before.lastError) {
      if (before.state === "Established") this.#remarks.forget();
      this.#remarks.warn(lastError.text);
    }
  }

  get #main(): FsmDriver {
    return this.#fsm.main;
  }

  #startAnew(cease: CeaseReason): void {
    void this.#fsm.end(cease, undefined, false);
    this.#start();
  }

  #rotate(): void {
    const [target, connection] = [this.target(), this.#main.transport.connection];
    if (!target || !connection) return;
    this.#rotating = connection;
    const ended = () => {
      this.#rotating = undefined;
      this.#remarks.takeBack();
    };
    void rotatePassword({
      connection,
      target,
      acceptsPassword: this.world.acceptsPassword,
      keepalive: () => this.#main.send({ type: "KEEPALIVE" }),
      isCurrent: () => this.#rotating === connection && this.#settings.password === target.password,
      waiting: (words) => this.advise(words),
      acknowledged: () => {
        ended();
        this.world.changed();
        this.world.log("info", "the session goes on under the new password");
      },
      givenUp: (reason) => {
        ended();
        this.#main.dispatch({ type: "TcpConnectionFails", reason });
      },
    });
  }

  #up({ local, state }: FsmDriver, negotiated: Negotiated): void {
    if (!local) throw new Error("Cannot be Established before a connection");
    const nextHops = sessionNextHops(local, negotiated);
    const missing = missingNextHops(local, negotiated.families, nextHops);
    if (missing) this.advise([this.advice?.text ?? [], missing].flat().join("; "));
    this.ribOut.open({ ...negotiated, localAS: state.parameters.localAS, nextHops, messageLengthMax });
    this.scheduleFlush();
  }

  /** One turn's worth of UPDATEs; the rest waits for the next turn, or for the kernel to take what it has. */
  #flush(): void {
    if (this.#main.state.state !== "Established" || !this.#main.transport.isWritable) return;
    const updates = this.ribOut.take(turnBytes);
    const oversized = this.ribOut.takeOversized();
    if (oversized) this.advise(oversizedWords(oversized));
    if (updates.length === 0) return;
    const now = this.world.clock.monotonicMs();
    for (const { text, type = "UPDATE" } of updates) this.journal.recordSent(now, type, text);
    this.#main.write(Buffer.concat(updates.map(({ bytes }) => bytes)));
    this.scheduleFlush();
    this.world.changed();
  }
}
