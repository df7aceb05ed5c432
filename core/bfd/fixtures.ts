import { expire } from "./expire.ts";
import { type ControlPacket, controlPacketBytes } from "./packet.ts";
import type { Context, Session, SessionAction, SessionEvent, SessionParameters } from "./session.ts";
import { newSession, transition } from "./transition.ts";

/** For tests: what most of them do not care about. */
export const parameters: SessionParameters = {
  desiredMinTxIntervalMs: 50,
  requiredMinRxIntervalMs: 50,
  detectMult: 3,
  isPassive: false,
  minimumTtl: 255,
  requiredMinEchoRxIntervalMs: 0,
};

/** A packet of a peer whose discriminator is 7, to a session whose own is 1. */
export function packet(change: Partial<ControlPacket> = {}): ControlPacket {
  return {
    version: 1,
    diag: 0,
    state: "Down",
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    authenticationPresent: false,
    demand: false,
    multipoint: false,
    detectMult: 3,
    length: controlPacketBytes,
    myDiscriminator: 7,
    yourDiscriminator: 1,
    desiredMinTxInterval: 50_000,
    requiredMinRxInterval: 50_000,
    requiredMinEchoRxInterval: 0,
    ...change,
  };
}

/** One session under a clock that the test holds; without jitter. */
export class Bench {
  now = 0;
  session: Session;
  /** Since the last {@link take}. */
  #actions: SessionAction[] = [];
  readonly #context: Context;

  constructor(change: Partial<SessionParameters> = {}) {
    const bench = this;
    this.#context = {
      random: () => 1 - Number.EPSILON,
      get now() {
        return bench.now;
      },
    };
    const [session, actions] = newSession({ ...parameters, ...change }, 1, this.#context);
    this.session = session;
    this.#actions.push(...actions);
  }

  /** Up, by the peer's Down and Init; nothing is left to take. */
  static up(change: Partial<SessionParameters> = {}, said: Partial<ControlPacket> = {}): Bench {
    const bench = new Bench(change);
    bench.hear({ state: "Down", ...said });
    bench.hear({ state: "Init", ...said });
    bench.hear({ state: "Up", final: true, ...said });
    bench.take();
    return bench;
  }

  apply(event: SessionEvent): void {
    const [session, actions] = transition(this.session, event, this.#context);
    this.session = session;
    this.#actions.push(...actions);
  }

  hear(said: Partial<ControlPacket>): void {
    this.apply({ type: "packet", packet: packet(said) });
  }

  /** Does what is due at this time. */
  at(now: number): void {
    this.now = now;
    const [session, actions] = expire(this.session, this.#context);
    this.session = session;
    this.#actions.push(...actions);
  }

  get state() {
    return this.session.bfd.SessionState;
  }

  /** The actions since the last time. */
  take(): SessionAction[] {
    return this.#actions.splice(0);
  }

  /** The packets among them. */
  sent(): ControlPacket[] {
    return this.take().flatMap((action) => (action.type === "send" ? [action.packet] : []));
  }
}
