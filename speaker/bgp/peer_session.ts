import {
  AdjRibIn,
  AdjRibOut,
  acceptedSession,
  type CeaseReason,
  Journal,
  type Message,
  messageLengthMax,
  type Negotiated,
  newSession,
  type Session,
} from "#core/bgp/mod.ts";
import type { IpAddress } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { Connection } from "./connection.ts";
import type { Dial } from "./dial.ts";
import { FsmDriver, type FsmOwner, type RouteAction } from "./fsm_driver.ts";
import { losingDriver } from "./losing_driver.ts";
import { type LocalEnd, missingNextHops, sessionNextHops } from "./next_hops.ts";
import { type AcceptsPassword, followRotation } from "./password_rotation.ts";
import { bgpIdentifier, liveParameters, sessionParameters } from "./settings.ts";
import type { BfdState, PeerSettings, PeerTarget } from "./types.ts";

/** What a session needs of the world. */
export interface SessionWorld {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dial: Dial;
  readonly acceptsPassword: AcceptsPassword;
  /** The process was started a moment ago, and its peers may still hold the routes of the one before. */
  readonly hasRestarted: boolean;
  /** Something that people see has changed. */
  readonly changed: () => void;
  readonly log: (level: "info" | "warn", message: string) => void;
}

/** Octets handed to a connection in one turn of the event loop, so that no peer holds up the others. */
const turnBytes = 65_536;

/** Distinct failures remembered, so that each is logged once. */
const saidMax = 32;

/**
 * One peer: its routes, and the state machine that carries them. While this node's connection and one that the peer
 * dialled are both at their beginning there are two, of which collision detection leaves one (RFC 4271 §6.8).
 */
export class PeerSession implements FsmOwner {
  readonly journal = new Journal();
  readonly ribIn = new AdjRibIn();
  readonly traffic = { sent: 0, received: 0 };
  /** Failures that were logged since the session was up. */
  readonly #said = new Set<string>();
  #settings: PeerSettings;
  #main: FsmDriver;
  #second: FsmDriver | undefined;
  /** Of an unnumbered peer, as it was heard. */
  #neighbour: IpAddress | undefined;
  #bfd: BfdState | undefined;
  #advice: { readonly at: number; readonly text: string } | undefined;
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
    const parameters = sessionParameters(settings, world.nodeName, world.hasRestarted);
    this.#main = new FsmDriver(newSession(parameters, world.clock.monotonicMs()), this);
  }

  get settings(): PeerSettings {
    return this.#settings;
  }

  get state(): Session {
    return this.#main.state;
  }

  /** What else people should know: not an end of the session, but something that is not as they asked for. */
  get advice(): { readonly at: number; readonly text: string } | undefined {
    return this.#advice;
  }

  /** As last heard; undefined where nothing watches the peer. */
  get bfd(): BfdState | undefined {
    return this.#bfd;
  }

  /** Undefined for an unnumbered peer that was not heard yet. */
  get address(): IpAddress | undefined {
    return this.#settings.address ?? this.#neighbour;
  }

  start(): void {
    if (this.address) this.#main.dispatch({ type: "AutomaticStart_with_DampPeerOscillations" });
    else this.advise(`no router advertisement was heard on interface ${this.#settings.interface} yet`);
  }

  /** Says goodbye with a reason and resolves when the connection is gone. */
  stop(cease: CeaseReason, text?: string): Promise<void> {
    return this.#end(cease, text, false);
  }

  /** We will be back: a peer of graceful restart keeps the routes (RFC 4724), any other one hears a goodbye. */
  stopForRestart(cease: CeaseReason, text?: string): Promise<void> {
    return this.#end(cease, text, true);
  }

  /** Takes settings with which the session may go on (`sameSession`): the running one heeds them at once. */
  adapt(settings: PeerSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (settings.bfdProfile === undefined) this.#bfd = undefined;
    for (const driver of [this.#main, this.#second]) driver?.adjust(liveParameters(settings));
    const isRekeyed = settings.password !== before.password;
    const isUp = this.#main.state.state === "Established";
    if (isRekeyed && isUp) this.#rotate();
    else if (!isUp && (isRekeyed || settings.connection !== before.connection)) {
      this.#startAnew("Other Configuration Change");
    }
  }

  /** An unnumbered peer was heard at this address. */
  neighbourHeard(address: IpAddress): void {
    if (this.#settings.address || sameText(this.#neighbour, address)) return;
    this.#neighbour = address;
    this.#advice = undefined;
    this.#startAnew("Peer De-configured");
  }

  /** The peer dialled; false: it is not wanted now (the owner closes). */
  accept(connection: Connection, local: LocalEnd): boolean {
    const { state, negotiated } = this.#main.state;
    if (state === "Established" && (negotiated?.gracefulRestart || this.#rotating)) {
      // RFC 4724 §4.2: a peer that comes anew has lost the connection that we still believe in.
      const reason = "the peer has opened a new connection: it has restarted";
      this.#main.dispatch({ type: "TcpConnectionFails", reason });
    }
    if (this.#main.isWaiting) {
      this.#main.accept(connection, local);
      return true;
    }
    if (!this.#main.isTalking || this.#second) return false;
    this.#second = new FsmDriver(acceptedSession(this.#main.state, this.clock.monotonicMs()), this);
    this.#second.accept(connection, local);
    return true;
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
    this.#advice = { at: this.clock.monotonicMs(), text };
    this.world.changed();
    this.#warn(text);
  }

  // FsmOwner

  get clock(): Clock {
    return this.world.clock;
  }

  get random(): () => number {
    return this.world.random;
  }

  get dial(): Dial {
    return this.world.dial;
  }

  target(): PeerTarget | undefined {
    const { address } = this;
    return address && { ...this.#settings, address };
  }

  identifierAt(local: LocalEnd): number {
    return bgpIdentifier(this.#settings, local.address, this.world.nodeName);
  }

  connected(_: FsmDriver, warning: string | undefined): void {
    this.#advice = undefined;
    if (warning) this.advise(warning);
  }

  silent(driver: FsmDriver, words: string): void {
    // Not any more where the session was stopped meanwhile.
    if (driver === this.#main && driver.isWaiting) this.advise(words);
  }

  recorded(direction: "sent" | "received", message: Message): void {
    this.journal.record(this.clock.monotonicMs(), direction, message);
  }

  perform(driver: FsmDriver, action: RouteAction): void {
    switch (action.type) {
      case "sessionUp":
        if (driver === this.#second) this.#promote();
        this.#up(driver, action.negotiated);
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

  drained(driver: FsmDriver): void {
    if (driver === this.#main) this.#flush();
  }

  moved(driver: FsmDriver, before: Session): void {
    if (driver !== this.#main && driver !== this.#second) return;
    this.#detectCollision(driver);
    if (driver === this.#main) this.#report(before, driver.state);
  }

  /** RFC 4271 §6.8: of two connections with one peer one goes, at the latest when the OPENs of both are there. */
  #detectCollision(moved: FsmDriver): void {
    const [main, second] = [this.#main, this.#second];
    if (!second) return;
    const loser = losingDriver(main, second, moved);
    if (loser === main) this.#promote();
    else if (loser === second) {
      this.#second = undefined;
      second.retire();
    }
  }

  /** The connection that the peer dialled is the session from now on. */
  #promote(): void {
    const [main, second] = [this.#main, this.#second];
    if (!second) return;
    this.#main = second;
    this.#second = undefined;
    main.retire();
    this.world.changed();
  }

  #end(cease: CeaseReason, text: string | undefined, isRestart: boolean): Promise<void> {
    const drivers = [this.#main, this.#second].filter((driver) => driver !== undefined);
    this.#second = undefined;
    for (const driver of drivers) {
      driver.dispatch({ type: "ManualStop", cease, isRestart, ...(text !== undefined && { text }) });
    }
    return Promise.all(drivers.map(({ farewell }) => farewell)).then(() => {});
  }

  #startAnew(cease: CeaseReason): void {
    void this.#end(cease, undefined, false);
    this.start();
  }

  /** TCP MD5 of the running connection: the kernel takes another key at any time, and routers do so too, or restart. */
  #rotate(): void {
    const [target, connection] = [this.target(), this.#main.transport.connection];
    if (!target || !connection) return;
    try {
      connection.rekey(target.address, target.password);
    } catch (error) {
      this.#main.dispatch({ type: "TcpConnectionFails", reason: `TCP connection given up: ${error}` });
      return;
    }
    this.#rotating = connection;
    const isCurrent = () => this.#rotating === connection && this.#settings.password === target.password;
    this.#main.send({ type: "KEEPALIVE" });
    void followRotation({
      connection,
      isCurrent,
      acceptsPassword: () => this.world.acceptsPassword(target),
    }).then((outcome) => {
      if (!isCurrent()) return;
      this.#rotating = undefined;
      if (outcome === "acknowledged") this.world.log("info", "the session goes on under the new password");
      else this.#main.dispatch({ type: "TcpConnectionFails", reason: outcome });
    });
  }

  #up({ local, state }: FsmDriver, negotiated: Negotiated): void {
    if (!local) throw new Error("Cannot be Established before a connection");
    const nextHops = sessionNextHops(local, negotiated);
    const missing = missingNextHops(local, negotiated.families, nextHops);
    if (missing) this.advise([this.#advice?.text ?? [], missing].flat().join("; "));
    this.ribOut.open({ ...negotiated, localAS: state.parameters.localAS, nextHops, messageLengthMax });
    this.scheduleFlush();
  }

  /** One turn's worth of UPDATEs; the rest waits for the next turn, or for the kernel to take what it has. */
  #flush(): void {
    if (this.#main.state.state !== "Established" || !this.#main.transport.isWritable) return;
    const updates = this.ribOut.take(turnBytes);
    if (updates.length === 0) return;
    const now = this.clock.monotonicMs();
    for (const { text, type = "UPDATE" } of updates) this.journal.recordSent(now, type, text);
    this.#main.write(Buffer.concat(updates.map(({ bytes }) => bytes)));
    this.scheduleFlush();
    this.world.changed();
  }

  #report(before: Session, after: Session): void {
    if (before.state === after.state && before.lastError === after.lastError) return;
    this.world.changed();
    const { negotiated, lastError } = after;
    if (after.state === "Established" && negotiated && before.state !== "Established") {
      const { peerAS, holdTimeMs } = negotiated;
      this.world.log("info", `session established with AS ${peerAS}, hold time ${holdTimeMs / 1000} s`);
    } else if (lastError && lastError !== before.lastError) {
      if (before.state === "Established" || this.#said.size >= saidMax) this.#said.clear();
      this.#warn(lastError.text);
    }
  }

  /** The same at each attempt is said once. */
  #warn(text: string): void {
    if (!this.#said.has(text)) this.world.log("warn", text);
    this.#said.add(text);
  }
}

function sameText(a: IpAddress | undefined, b: IpAddress): boolean {
  return a?.family === b.family && a.value === b.value;
}
