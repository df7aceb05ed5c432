import { acceptedSession, type CeaseReason, type Session, type SessionParameters } from "#core/bgp/mod.ts";
import type { Connection } from "./connection.ts";
import { FsmDriver, type FsmOwner, type RouteAction } from "./fsm_driver.ts";
import { losingDriver } from "./losing_driver.ts";
import type { LocalEnd } from "./next_hops.ts";

/** What a peer's state machines ask of the peer. */
export interface PairOwner extends Pick<FsmOwner, "traffic" | "target" | "identifierAt" | "recorded"> {
  readonly world: Pick<FsmOwner, "clock" | "random" | "dial">;
  connected(warning: string | undefined): void;
  silent(words: string): void;
  perform(action: RouteAction): void;
  drained(): void;
  /** The session that counts went from one state to the other, or to another connection. */
  moved(before: Session, after: Session): void;
}

/**
 * The state machine of a peer; two of them while this node's connection and one that the peer dialled are both at their
 * beginning, of which collision detection leaves one (RFC 4271 §6.8, §8.2.1).
 */
export class FsmPair {
  readonly #owner: PairOwner;
  readonly #events: FsmOwner;
  #main: FsmDriver;
  #second: FsmDriver | undefined;

  constructor(session: Session, owner: PairOwner) {
    this.#owner = owner;
    const { clock, random, dial } = owner.world;
    this.#events = {
      clock,
      random,
      dial,
      traffic: owner.traffic,
      target: () => owner.target(),
      identifierAt: (local) => owner.identifierAt(local),
      recorded: (direction, message) => owner.recorded(direction, message),
      connected: (_, warning) => owner.connected(warning),
      // Not any more where the session was stopped, or came up, meanwhile.
      silent: (driver, words) => {
        if (driver === this.#main && driver.isWaiting) owner.silent(words);
      },
      perform: (driver, action) => this.#perform(driver, action),
      drained: (driver) => {
        if (driver === this.#main) owner.drained();
      },
      moved: (driver, before) => this.#moved(driver, before),
    };
    this.#main = new FsmDriver(session, this.#events);
  }

  /** The one that counts. */
  get main(): FsmDriver {
    return this.#main;
  }

  /** What can change while the session goes on. */
  adjust(change: Partial<SessionParameters>): void {
    for (const driver of [this.#main, this.#second]) driver?.adjust(change);
  }

  /** The peer dialled; false: it is not wanted now (the caller closes). */
  accept(connection: Connection, local: LocalEnd): boolean {
    if (this.#main.isWaiting) {
      this.#main.accept(connection, local);
      return true;
    }
    if (!this.#main.isTalking || this.#second) return false;
    this.#second = new FsmDriver(
      acceptedSession(this.#main.state, this.#owner.world.clock.monotonicMs()),
      this.#events,
    );
    this.#second.accept(connection, local);
    return true;
  }

  /** Resolves when every connection is gone. */
  async end(cease: CeaseReason, text: string | undefined, isRestart: boolean): Promise<void> {
    const drivers = [this.#main, this.#second].filter((driver) => driver !== undefined);
    this.#second = undefined;
    for (const driver of drivers) {
      driver.dispatch({ type: "ManualStop", cease, isRestart, ...(text !== undefined && { text }) });
    }
    await Promise.all(drivers.map(({ farewell }) => farewell));
  }

  #perform(driver: FsmDriver, action: RouteAction): void {
    if (driver === this.#second && action.type === "sessionUp") this.#promote();
    if (driver === this.#main) this.#owner.perform(action);
  }

  #moved(driver: FsmDriver, before: Session): void {
    const second = this.#second;
    if (second && (driver === this.#main || driver === second)) {
      const loser = losingDriver(this.#main, second, driver);
      if (loser === this.#main) this.#promote();
      else if (loser === second) {
        this.#second = undefined;
        second.retire();
      }
    }
    if (driver === this.#main) this.#owner.moved(before, driver.state);
  }

  /** The connection that the peer dialled is the session from now on. */
  #promote(): void {
    const [main, second] = [this.#main, this.#second];
    if (!second) return;
    this.#main = second;
    this.#second = undefined;
    main.retire();
    this.#owner.moved(main.state, second.state);
  }
}
