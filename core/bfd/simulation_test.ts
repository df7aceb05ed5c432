import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { expire, nextDeadline } from "./expire.ts";
import { parameters } from "./fixtures.ts";
import { type ControlPacket, encodeControlPacket } from "./packet.ts";
import { receiveControlPacket } from "./reception.ts";
import type { Context, Session, SessionAction, SessionEvent, SessionParameters, Step } from "./session.ts";
import { detectionTime, toMs } from "./timing.ts";
import { newSession, transition } from "./transition.ts";

/** Two systems and a network on virtual time; everything that happens comes from the seed. */
class Simulation {
  now = 0;
  /** Of 1: how many packets are lost, and how long others take at most. */
  loss = 0;
  delayMsMax = 0;
  isCut = false;
  readonly sides: [Session, Session];
  readonly moves: { now: number; side: number; to: string }[] = [];
  #flying: { at: number; to: 0 | 1; payload: Uint8Array }[] = [];
  #seed: number;
  #nextDiscr = 1;

  constructor(
    seed: number,
    readonly settings: [SessionParameters, SessionParameters],
  ) {
    this.#seed = seed;
    const begin = (side: 0 | 1) =>
      this.#carryOut(side, newSession(settings[side], this.#nextDiscr++, this.#context));
    this.sides = [begin(0), begin(1)];
  }

  /** mulberry32 */
  random = (): number => {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  get #context(): Context {
    return { now: this.now, random: this.random };
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    for (;;) {
      const deadlines = this.sides.map(nextDeadline);
      const arrival = Math.min(...this.#flying.map(({ at }) => at));
      const next = Math.min(arrival, ...deadlines);
      if (next > end) break;
      // A deadline that does not move would be an endless loop of the driver.
      this.now = Math.max(this.now, next);
      const due = this.#flying.findIndex(({ at }) => at <= this.now);
      const [arrived] = due >= 0 ? this.#flying.splice(due, 1) : [];
      if (arrived) this.#deliver(arrived.to, arrived.payload);
      else
        for (const side of [0, 1] as const)
          this.sides[side] = this.#carryOut(side, expire(this.sides[side], this.#context));
    }
    this.now = end;
  }

  apply(side: 0 | 1, event: SessionEvent): void {
    this.sides[side] = this.#carryOut(side, transition(this.sides[side], event, this.#context));
  }

  /** The process dies and another one begins, which knows nothing. */
  restart(side: 0 | 1): void {
    this.sides[side] = this.#carryOut(
      side,
      newSession(this.sides[side].parameters, this.#nextDiscr++, this.#context),
    );
  }

  states(): string {
    return this.sides.map(({ bfd }) => bfd.SessionState).join(" ");
  }

  #deliver(to: 0 | 1, payload: Uint8Array): void {
    const session = this.sides[to];
    const target = { minimumTtl: 255 };
    const received = receiveControlPacket(
      { payload, ttl: 255, portMinimumTtl: 255 },
      {
        byDiscriminator: (discr) => (discr === session.bfd.LocalDiscr ? target : undefined),
        bySender: () => target,
      },
    );
    if (!("discarded" in received)) this.apply(to, { type: "packet", packet: received.packet });
  }

  #carryOut(side: 0 | 1, [session, actions]: Step): Session {
    for (const action of actions) this.#perform(side, action);
    return session;
  }

  #perform(side: 0 | 1, action: SessionAction): void {
    if (action.type === "state") this.moves.push({ now: this.now, side, to: action.to });
    if (action.type === "send" && !this.isCut && this.random() >= this.loss) this.#fly(side, action.packet);
  }

  #fly(side: 0 | 1, packet: ControlPacket): void {
    const at = this.now + this.random() * this.delayMsMax;
    this.#flying.push({ at, to: side === 0 ? 1 : 0, payload: encodeControlPacket(packet) });
  }
}

const anyParameters = fc
  .record({
    desiredMinTxIntervalMs: fc.integer({ min: 10, max: 1_500 }),
    requiredMinRxIntervalMs: fc.integer({ min: 10, max: 1_500 }),
    detectMult: fc.integer({ min: 2, max: 10 }),
  })
  .map((change): SessionParameters => ({ ...parameters, ...change }));

const pair = fc
  .tuple(anyParameters, anyParameters, fc.boolean())
  .map(([one, other, isPassive]): [SessionParameters, SessionParameters] => [{ ...one, isPassive }, other]);
const seed = fc.integer();
/** Packets cross a link of less than the shortest interval; others would be late by their nature. */
const delayMsMax = fc.integer({ min: 0, max: 9 });

describe("two sessions on virtual time", () => {
  test("come up, agree on the pace, and stay up", () => {
    fc.assert(
      fc.property(seed, pair, delayMsMax, (seed, settings, delay) => {
        const world = new Simulation(seed, settings);
        world.delayMsMax = delay;
        world.run(10_000);
        expect(world.states()).toBe("Up Up");
        const moves = world.moves.length;
        world.run(60_000);
        expect(world.moves.length).toBe(moves);
        for (const [own, other] of [world.sides, world.sides.toReversed()] as [Session, Session][]) {
          expect(own.poll).toBe("none");
          const pace = Math.max(own.bfd.RequiredMinRxInterval, other.bfd.DesiredMinTxInterval);
          expect(detectionTime(own)).toBe(other.bfd.DetectMult * pace);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("find a cut within the Detection Time, and no sooner than a lost packet would", () => {
    fc.assert(
      fc.property(seed, pair, delayMsMax, (seed, settings, delay) => {
        const world = new Simulation(seed, settings);
        world.delayMsMax = delay;
        world.run(20_000);
        const times = world.sides.map((session) => toMs(detectionTime(session) ?? Number.NaN));
        const cutAt = world.now;
        world.isCut = true;
        world.run(20_000);
        expect(world.states()).toBe("Down Down");
        for (const side of [0, 1] as const) {
          const down = world.moves.findLast((move) => move.side === side);
          const after = (down?.now ?? Number.NaN) - cutAt;
          expect(after).toBeLessThanOrEqual((times[side] ?? 0) + delay + 0.001);
          // The last packet left at most one interval before the cut.
          const { detectMult } = settings[side === 0 ? 1 : 0];
          expect(after).toBeGreaterThanOrEqual(((times[side] ?? 0) * (detectMult - 1)) / detectMult - 0.001);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("whatever happens, they are up again once it is over", () => {
    const trouble = fc.oneof(
      fc.record({ do: fc.constant("lose" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ do: fc.constant("delay" as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
      fc.record({ do: fc.constant("restart" as const), side: fc.constantFrom(0 as const, 1 as const) }),
      fc.record({ do: fc.constant("cut" as const) }),
      fc.record({ do: fc.constant("disable" as const), side: fc.constantFrom(0 as const, 1 as const) }),
      fc.record({
        do: fc.constant("change" as const),
        side: fc.constantFrom(0 as const, 1 as const),
        parameters: anyParameters,
      }),
    );
    fc.assert(
      fc.property(
        seed,
        pair,
        fc.array(fc.tuple(trouble, fc.integer({ min: 0, max: 5_000 })), { maxLength: 12 }),
        (seed, settings, troubles) => {
          const world = new Simulation(seed, settings);
          for (const [each, forMs] of troubles) {
            if (each.do === "lose") world.loss = each.share;
            else if (each.do === "delay") world.delayMsMax = each.ms;
            else if (each.do === "restart") world.restart(each.side);
            else if (each.do === "cut") world.isCut = !world.isCut;
            else if (each.do === "disable") world.apply(each.side, { type: "disable" });
            else world.apply(each.side, { type: "parameters", parameters: each.parameters });
            world.run(forMs);
          }
          world.isCut = false;
          world.loss = 0;
          world.delayMsMax = 1;
          for (const side of [0, 1] as const) world.apply(side, { type: "enable" });
          // Slow start, and the longest Detection Time of 10 × 1.5 s, twice.
          world.run(40_000);
          expect(world.states()).toBe("Up Up");
          const moves = world.moves.length;
          world.run(30_000);
          expect(world.moves.length).toBe(moves);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a change of parameters on a good link never takes the session down", () => {
    const change = fc.tuple(
      fc.constantFrom(0 as const, 1 as const),
      anyParameters,
      fc.integer({ min: 0, max: 2_000 }),
    );
    fc.assert(
      fc.property(
        seed,
        pair,
        delayMsMax,
        fc.array(change, { minLength: 1, maxLength: 10 }),
        (seed, settings, delay, changes) => {
          const world = new Simulation(seed, settings);
          world.delayMsMax = delay;
          world.run(10_000);
          const moves = world.moves.length;
          for (const [side, next, forMs] of changes) {
            world.apply(side, { type: "parameters", parameters: next });
            world.run(forMs);
          }
          world.run(60_000);
          expect(world.moves.slice(moves)).toEqual([]);
          expect(world.sides.map(({ poll }) => poll)).toEqual(["none", "none"]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("AdminDown of one is Down of the other at once, and no failure found by silence", () => {
    const world = new Simulation(1, [parameters, parameters]);
    world.run(10_000);
    world.apply(0, { type: "disable" });
    world.run(5);
    expect(world.states()).toBe("AdminDown Down");
    expect(world.sides[1].bfd).toMatchObject({ LocalDiag: 3, RemoteSessionState: "AdminDown" });
  });
});
