import {
  type Action,
  type CodecContext,
  decodeMessage,
  type Event,
  encodeMessage,
  eventOfError,
  eventOfMessage,
  expiredTimers,
  type Message,
  nextDeadline,
  type Session,
  type SessionParameters,
  transition,
} from "#core/bgp/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { Connection } from "./connection.ts";
import type { Dial } from "./dial.ts";
import type { LocalEnd } from "./next_hops.ts";
import { type Traffic, Transport } from "./transport.ts";
import type { PeerTarget } from "./types.ts";
import { WakeTimer } from "./wake_timer.ts";

/** What a state machine asks of the peer it belongs to. */
export interface FsmOwner {
  readonly clock: Clock;
  readonly random: () => number;
  readonly dial: Dial;
  readonly traffic: Traffic;
  /** Whom to dial. */
  target(): PeerTarget | undefined;
  identifierAt(local: LocalEnd): number;
  connected(driver: FsmDriver, warning: string | undefined): void;
  /** Nothing answers: what is likely behind it. */
  silent(driver: FsmDriver, words: string): void;
  recorded(direction: "sent" | "received", message: Message): void;
  /** Of the actions those that concern routes, in order. */
  perform(driver: FsmDriver, action: RouteAction): void;
  /** The kernel takes more. */
  drained(driver: FsmDriver): void;
  /** After the actions of an event, and of those that they gave rise to. */
  moved(driver: FsmDriver, before: Session): void;
}

export type RouteAction = Exclude<Action, { type: "connect" | "send" | "disconnect" }>;

/** Until the OPENs have agreed on something. */
const initialContext: CodecContext = { fourOctetAs: true, isExternal: true };

/** Drives one state machine with one connection: what TCP, the clock and the owner say becomes events. */
export class FsmDriver {
  readonly transport: Transport;
  readonly #owner: FsmOwner;
  readonly #timer: WakeTimer;
  readonly #events: Event[] = [];
  #session: Session;
  #local: LocalEnd | undefined;
  #farewell: Promise<void> = Promise.resolve();
  #isBusy = false;

  constructor(session: Session, owner: FsmOwner) {
    this.#session = session;
    this.#owner = owner;
    this.#timer = new WakeTimer(owner.clock, () => this.#wake());
    this.transport = new Transport(owner.dial, owner.traffic, {
      connected: (local, warning) => this.#connected("Tcp_CR_Acked", local, warning),
      silent: (words) => owner.silent(this, words),
      failed: (reason) => this.dispatch({ type: "TcpConnectionFails", reason }),
      message: (bytes) => this.#receive(bytes),
      malformed: (error) => this.dispatch(eventOfError(error)),
      drained: () => {
        this.dispatch({ type: "MessageSent" });
        owner.drained(this);
      },
    });
  }

  get state(): Session {
    return this.#session;
  }

  /** Our end of the connection, from when there is one. */
  get local(): LocalEnd | undefined {
    return this.#local;
  }

  /** Resolves when the connection that was closed last is gone. */
  get farewell(): Promise<void> {
    return this.#farewell;
  }

  /** TCP carries the session: an OPEN is out at least. */
  get isTalking(): boolean {
    const { state } = this.#session;
    return state === "OpenSent" || state === "OpenConfirm" || state === "Established";
  }

  /** Whether the state machine has a use for a connection that the peer dialled: it is at the beginning of an attempt. */
  get isWaiting(): boolean {
    const { state } = this.#session;
    return state === "Idle" ? nextDeadline(this.#session) !== undefined : !this.isTalking;
  }

  /** A connection that the peer dialled takes the place of any attempt of ours. */
  accept(connection: Connection, local: LocalEnd): void {
    this.transport.adopt(connection, () => this.#connected("TcpConnectionConfirmed", local, undefined));
  }

  /** What can change while the session goes on. */
  adjust(change: Partial<SessionParameters>): void {
    this.#session = { ...this.#session, parameters: { ...this.#session.parameters, ...change } };
  }

  /** Another connection is the peer's: this one ends without a trace. */
  retire(): void {
    if (this.isTalking) this.dispatch({ type: "OpenCollisionDump" });
    this.dispatch({ type: "ManualStop", cease: "Connection Collision Resolution" });
  }

  /** What the kernel does not take at once is sent when it drains. */
  write(bytes: Uint8Array): void {
    this.transport.write(bytes);
    if (this.transport.isWritable) this.dispatch({ type: "MessageSent" });
  }

  send(message: Exclude<Message, { type: "UPDATE" }>): void {
    this.#owner.recorded("sent", message);
    this.write(encodeMessage(message, initialContext));
  }

  /** Events that actions give rise to wait for their turn. */
  dispatch(event: Event): void {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    const before = this.#session;
    const { clock, random } = this.#owner;
    for (let next = this.#events.shift(); next; next = this.#events.shift()) {
      const [session, actions] = transition(this.#session, next, { now: clock.monotonicMs(), random });
      this.#session = session;
      for (const action of actions) this.#perform(action);
    }
    this.#isBusy = false;
    this.#timer.arm(nextDeadline(this.#session));
    this.#owner.moved(this, before);
  }

  #connected(type: "Tcp_CR_Acked" | "TcpConnectionConfirmed", local: LocalEnd, warning?: string): void {
    this.#local = local;
    this.#owner.connected(this, warning);
    this.dispatch({ type, bgpIdentifier: this.#owner.identifierAt(local) });
  }

  #receive(bytes: Uint8Array): void {
    const message = decodeMessage(bytes, this.#session.negotiated ?? initialContext);
    this.#owner.recorded("received", message);
    this.dispatch(eventOfMessage(message));
  }

  #wake(): void {
    const [due] = expiredTimers(this.#session, this.#owner.clock.monotonicMs());
    if (due) this.dispatch(due);
    this.#timer.arm(nextDeadline(this.#session));
  }

  #perform(action: Action): void {
    switch (action.type) {
      case "connect": {
        const target = this.#owner.target();
        if (target) this.transport.connect(target);
        break;
      }
      case "send":
        this.send(action.message);
        break;
      case "disconnect":
        this.#farewell = this.transport.close();
        break;
      default:
        this.#owner.perform(this, action);
    }
  }
}
