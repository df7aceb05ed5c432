import {
  type ControlPacket,
  type DiscardReason,
  diagnosticName,
  encodeControlPacket,
  expire,
  newSession,
  nextDeadline,
  remoteDetectionTime,
  type Session,
  type SessionAction,
  type SessionEvent,
  type SessionParameters,
  type Step,
  toMs,
  transition,
} from "#core/bfd/mod.ts";
import type { Sender } from "./sender.ts";
import type { BfdCounters, BfdSessionSettings } from "./types.ts";

/** What a session needs of its driver. */
export interface WatchedWorld {
  /** Its state changed, which the main thread should know at once; else some count or interval. */
  readonly changed: (session: Watched, isUrgent: boolean) => void;
  readonly sendEcho: (session: Watched, sequence: number) => boolean;
}

/** One session with its socket and counts. */
export class Watched {
  readonly counters: BfdCounters = {
    controlIn: 0,
    controlOut: 0,
    echoIn: 0,
    echoOut: 0,
    up: 0,
    down: 0,
    discarded: 0,
  };
  readonly localDiscr: number;
  /** Proves that an Echo packet is of this session. */
  readonly echoSecret = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  /** Times of the monotonic clock. */
  lastDown: { at: number; why: string } | undefined;
  lastDiscard: { at: number; why: DiscardReason } | undefined;
  settings: BfdSessionSettings;
  readonly #sender: Sender;
  readonly #world: WatchedWorld;
  #session: Session;

  constructor(
    settings: BfdSessionSettings,
    parameters: SessionParameters,
    localDiscr: number,
    sender: Sender,
    world: WatchedWorld,
    now: number,
  ) {
    this.settings = settings;
    this.localDiscr = localDiscr;
    this.#sender = sender;
    this.#world = world;
    const [session, actions] = newSession(parameters, localDiscr, { now, random: Math.random });
    this.#session = session;
    this.#carryOut([session, actions], now);
  }

  get session(): Session {
    return this.#session;
  }

  get minimumTtl(): number {
    return this.#session.parameters.minimumTtl;
  }

  get trouble(): string | undefined {
    return this.#sender.trouble;
  }

  nextDeadline(): number {
    return nextDeadline(this.#session);
  }

  expire(now: number): void {
    this.#carryOut(expire(this.#session, { now, random: Math.random }), now);
  }

  hear(packet: ControlPacket, now: number): void {
    this.counters.controlIn++;
    this.apply({ type: "packet", packet }, now);
  }

  discarded(why: DiscardReason, now: number): void {
    this.counters.discarded++;
    this.lastDiscard = { at: now, why };
    this.#world.changed(this, false);
  }

  apply(event: SessionEvent, now: number): void {
    this.#carryOut(transition(this.#session, event, { now, random: Math.random }), now);
  }

  /** AdminDown, so that the peer takes it for no failure; gives until when to repeat it (RFC 5880 §6.8.16). */
  leave(now: number): number {
    this.apply({ type: "disable" }, now);
    return now + toMs(remoteDetectionTime(this.#session));
  }

  close(): void {
    this.#sender.close();
  }

  #carryOut([session, actions]: Step, now: number): void {
    const before = this.#session;
    this.#session = session;
    for (const action of actions) this.#perform(action, now);
    const isUrgent = before.bfd.SessionState !== session.bfd.SessionState;
    if (isUrgent || before !== session) this.#world.changed(this, isUrgent);
  }

  #perform(action: SessionAction, now: number): void {
    if (action.type === "send") {
      if (this.#sender.send(encodeControlPacket(action.packet), now)) this.counters.controlOut++;
    } else if (action.type === "sendEcho") {
      if (this.#world.sendEcho(this, action.sequence)) this.counters.echoOut++;
    } else if (action.to === "Up") this.counters.up++;
    else if (action.from === "Up") {
      this.counters.down++;
      this.lastDown = { at: now, why: diagnosticName(this.#session.bfd.LocalDiag) };
    }
  }
}
