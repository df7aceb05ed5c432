import {
  type Action,
  AdjRibIn,
  AdjRibOut,
  type CeaseReason,
  type CodecContext,
  decodeMessage,
  type Event,
  encodeMessage,
  eventOfError,
  eventOfMessage,
  expiredTimers,
  Journal,
  messageLengthMax,
  type Negotiated,
  newSession,
  nextDeadline,
  type Session,
  transition,
} from "#core/bgp/mod.ts";
import type { IpAddress } from "#core/net/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { Dial } from "./dial.ts";
import { bgpIdentifier, sessionParameters } from "./settings.ts";
import { Transport } from "./transport.ts";
import type { PeerSettings } from "./types.ts";
import { WakeTimer } from "./wake_timer.ts";

/** What a session needs of the world. */
export interface SessionWorld {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dial: Dial;
  /** Something that people see has changed. */
  readonly changed: () => void;
  readonly log: (level: "info" | "warn", message: string) => void;
}

/** Octets handed to a connection in one turn of the event loop, so that no peer holds up the others. */
const turnBytes = 65_536;

/** Distinct failures remembered, so that each is logged once. */
const saidMax = 32;

/** Until the OPENs have agreed on something. */
const initialContext: CodecContext = { fourOctetAs: true, isExternal: true };

/** Drives one session: what TCP, the clock and the owner say becomes events; the actions of each are carried out. */
export class PeerSession {
  readonly journal = new Journal();
  readonly ribIn = new AdjRibIn();
  readonly transport: Transport;
  readonly #timer: WakeTimer;
  readonly #events: Event[] = [];
  /** Failures that were logged since the session was up. */
  readonly #said = new Set<string>();
  #session: Session;
  #localAddress: IpAddress | undefined;
  #farewell: Promise<void> = Promise.resolve();
  #isBusy = false;
  #isFlushScheduled = false;

  /** Give the routes of the session that this one replaces. */
  constructor(
    readonly settings: PeerSettings,
    readonly world: SessionWorld,
    readonly ribOut = new AdjRibOut(),
  ) {
    this.#session = newSession(sessionParameters(settings), world.clock.monotonicMs());
    this.#timer = new WakeTimer(world.clock, () => this.#wake());
    this.transport = new Transport(world.dial, {
      connected: (localAddress) => this.#connected(localAddress),
      failed: (reason) => this.#dispatch({ type: "TcpConnectionFails", reason }),
      message: (bytes) => this.#receive(bytes),
      malformed: (error) => this.#dispatch(eventOfError(error)),
      drained: () => this.#drained(),
    });
  }

  get state(): Session {
    return this.#session;
  }

  start(): void {
    this.#dispatch({ type: "AutomaticStart_with_DampPeerOscillations" });
  }

  /** Says goodbye with a reason and resolves when the connection is gone. */
  stop(cease: CeaseReason, text?: string): Promise<void> {
    this.#dispatch({ type: "ManualStop", cease, ...(text !== undefined && { text }) });
    return this.#farewell;
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

  #connected(localAddress: IpAddress): void {
    this.#localAddress = localAddress;
    const identifier = bgpIdentifier(this.settings, localAddress, this.world.nodeName);
    this.#dispatch({ type: "Tcp_CR_Acked", bgpIdentifier: identifier });
  }

  #receive(bytes: Uint8Array): void {
    const message = decodeMessage(bytes, this.#session.negotiated ?? initialContext);
    this.journal.record(this.world.clock.monotonicMs(), "received", message);
    this.#dispatch(eventOfMessage(message));
  }

  #drained(): void {
    this.#dispatch({ type: "MessageSent" });
    this.#flush();
  }

  #wake(): void {
    const [due] = expiredTimers(this.#session, this.world.clock.monotonicMs());
    if (due) this.#dispatch(due);
    this.#timer.arm(nextDeadline(this.#session));
  }

  /** Events that actions give rise to wait for their turn. */
  #dispatch(event: Event): void {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    const before = this.#session;
    for (let next = this.#events.shift(); next; next = this.#events.shift()) {
      const context = { now: this.world.clock.monotonicMs(), random: this.world.random };
      const [session, actions] = transition(this.#session, next, context);
      this.#session = session;
      for (const action of actions) this.#perform(action);
    }
    this.#isBusy = false;
    this.#timer.arm(nextDeadline(this.#session));
    this.#report(before, this.#session);
  }

  #perform(action: Action): void {
    switch (action.type) {
      case "connect":
        this.transport.connect(this.settings);
        break;
      case "send":
        this.journal.record(this.world.clock.monotonicMs(), "sent", action.message);
        this.#write(encodeMessage(action.message, initialContext));
        break;
      case "disconnect":
        this.#farewell = this.transport.close();
        break;
      case "sessionUp":
        this.#up(action.negotiated);
        break;
      case "sessionDown":
        this.ribOut.close();
        this.ribIn.clear();
        break;
      case "update":
        this.ribIn.receive(action.message);
        this.world.changed();
        break;
      case "refresh":
        this.ribOut.refresh(action.family);
        this.scheduleFlush();
    }
  }

  #up(negotiated: Negotiated): void {
    if (!this.#localAddress) throw new Error("Cannot be Established before a connection");
    const { localAS } = this.#session.parameters;
    this.ribOut.open({ ...negotiated, localAS, localAddress: this.#localAddress, messageLengthMax });
    this.scheduleFlush();
  }

  /** One turn's worth of UPDATEs; the rest waits for the next turn, or for the kernel to take what it has. */
  #flush(): void {
    if (this.#session.state !== "Established" || !this.transport.isWritable) return;
    const updates = this.ribOut.take(turnBytes);
    if (updates.length === 0) return;
    const now = this.world.clock.monotonicMs();
    for (const { text } of updates) this.journal.recordUpdate(now, text);
    this.#write(Buffer.concat(updates.map(({ bytes }) => bytes)));
    this.scheduleFlush();
    this.world.changed();
  }

  /** What the kernel does not take at once is sent when it drains. */
  #write(bytes: Uint8Array): void {
    this.transport.write(bytes);
    if (this.transport.isWritable) this.#dispatch({ type: "MessageSent" });
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
      // The same failures at each attempt are said once.
      if (!this.#said.has(lastError.text)) this.world.log("warn", lastError.text);
      this.#said.add(lastError.text);
    }
  }
}
