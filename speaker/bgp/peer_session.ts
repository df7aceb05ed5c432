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
import type { Clock } from "#io/mod.ts";
import type { Dial } from "./dial.ts";
import { type LocalEnd, missingNextHops, sessionNextHops } from "./next_hops.ts";
import { bgpIdentifier, sessionParameters } from "./settings.ts";
import { Transport } from "./transport.ts";
import type { BfdState, PeerSettings } from "./types.ts";
import { WakeTimer } from "./wake_timer.ts";

/** What a session needs of the world. */
export interface SessionWorld {
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dial: Dial;
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
  #settings: PeerSettings;
  #session: Session;
  #bfd: BfdState | undefined;
  #local: LocalEnd | undefined;
  #advice: { readonly at: number; readonly text: string } | undefined;
  #farewell: Promise<void> = Promise.resolve();
  #isBusy = false;
  #isFlushScheduled = false;

  /** Give the routes of the session that this one replaces. */
  constructor(
    settings: PeerSettings,
    readonly world: SessionWorld,
    readonly ribOut = new AdjRibOut(),
  ) {
    this.#settings = settings;
    const parameters = sessionParameters(settings, world.hasRestarted);
    this.#session = newSession(parameters, world.clock.monotonicMs());
    this.#timer = new WakeTimer(world.clock, () => this.#wake());
    this.transport = new Transport(world.dial, {
      connected: (local, warning) => this.#connected(local, warning),
      silent: (words) => {
        // Not any more where the session was stopped meanwhile.
        if (nextDeadline(this.#session) !== undefined) this.#advise(words);
      },
      failed: (reason) => this.#dispatch({ type: "TcpConnectionFails", reason }),
      message: (bytes) => this.#receive(bytes),
      malformed: (error) => this.#dispatch(eventOfError(error)),
      drained: () => this.#drained(),
    });
  }

  get settings(): PeerSettings {
    return this.#settings;
  }

  /** Takes settings that {@link sameSettings} finds to be the same, and with which the session goes on. */
  set settings(settings: PeerSettings) {
    this.#settings = settings;
    if (settings.bfdProfile === undefined) this.#bfd = undefined;
  }

  /** As last heard; undefined where nothing watches the peer. */
  get bfd(): BfdState | undefined {
    return this.#bfd;
  }

  get state(): Session {
    return this.#session;
  }

  /** What else people should know: not an end of the session, but something that is not as they asked for. */
  get advice(): { readonly at: number; readonly text: string } | undefined {
    return this.#advice;
  }

  start(): void {
    this.#dispatch({ type: "AutomaticStart_with_DampPeerOscillations" });
  }

  /** Says goodbye with a reason and resolves when the connection is gone. */
  stop(cease: CeaseReason, text?: string): Promise<void> {
    this.#dispatch({ type: "ManualStop", cease, ...(text !== undefined && { text }) });
    return this.#farewell;
  }

  /** We will be back: a peer of graceful restart keeps the routes (RFC 4724), any other one hears a goodbye. */
  stopForRestart(text?: string): Promise<void> {
    const cease = "Administrative Shutdown" as const;
    this.#dispatch({ type: "ManualStop", cease, isRestart: true, ...(text !== undefined && { text }) });
    return this.#farewell;
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
    if (isLost && isTalking(this.#session)) this.#dispatch({ type: "AutomaticStop", cease: "BFD Down" });
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

  #connected(local: LocalEnd, warning: string | undefined): void {
    this.#local = local;
    this.#advice = undefined;
    if (warning) this.#advise(warning);
    const identifier = bgpIdentifier(this.#settings, local.address, this.world.nodeName);
    this.#dispatch({ type: "Tcp_CR_Acked", bgpIdentifier: identifier });
  }

  #advise(text: string): void {
    this.#advice = { at: this.world.clock.monotonicMs(), text };
    this.world.changed();
    this.#warn(text);
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
        this.transport.connect(this.#settings);
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
    if (!this.#local) throw new Error("Cannot be Established before a connection");
    const { localAS } = this.#session.parameters;
    const nextHops = sessionNextHops(this.#local, negotiated);
    const missing = missingNextHops(this.#local, negotiated.families, nextHops);
    if (missing) this.#advise([this.#advice?.text ?? [], missing].flat().join("; "));
    this.ribOut.open({ ...negotiated, localAS, nextHops, messageLengthMax });
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
      this.#warn(lastError.text);
    }
  }

  /** The same at each attempt is said once. */
  #warn(text: string): void {
    if (!this.#said.has(text)) this.world.log("warn", text);
    this.#said.add(text);
  }
}

/** TCP carries the session already. */
function isTalking({ state }: Session): boolean {
  return state === "OpenSent" || state === "OpenConfirm" || state === "Established";
}
