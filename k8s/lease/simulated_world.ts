import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { type KubeClient, KubeError, type KubeObject } from "../types.ts";
import { LeaseElector } from "./lease_elector.ts";
import { timingOf } from "./timing.ts";

/** Chance from a seed: mulberry32. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What may go wrong, in parts of all requests. */
export interface Faults {
  /** Never arrives. */
  readonly lost: number;
  /** Is carried out, and nobody hears of it. */
  readonly unanswered: number;
  /** Takes up to this long each way. */
  readonly slowestMs: number;
  /** How far a machine's steady clock may run from the true time. */
  readonly drift: number;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** True time, machines whose clocks differ, and one API server with one Lease. */
export class SimulatedWorld {
  now = 0;
  isApiAway = false;
  writes = 0;
  /** The Lease, as it is stored. */
  lease: { version: number; spec: object } | undefined;
  readonly machines: Machine[] = [];
  readonly #agenda: Due[] = [];
  #order = 0;
  #version = 100;

  constructor(
    readonly random: () => number,
    private faults: Faults,
  ) {}

  at(delayMs: number, run: () => void): Due {
    const due = { at: this.now + delayMs, order: this.#order++, run };
    this.#agenda.push(due);
    return due;
  }

  cancel(due: Due): void {
    const index = this.#agenda.indexOf(due);
    if (index >= 0) this.#agenda.splice(index, 1);
  }

  /** Goes on to the end, thing by thing; `look` is called after each. */
  async run(untilMs: number, look: () => void): Promise<void> {
    for (;;) {
      let next: Due | undefined;
      for (const due of this.#agenda) {
        if (!next || due.at < next.at || (due.at === next.at && due.order < next.order)) next = due;
      }
      if (!next || next.at > untilMs) break;
      this.cancel(next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await allPromises();
      look();
    }
    this.now = untilMs;
  }

  add(name: string): Machine {
    const machine = new Machine(this, name);
    this.machines.push(machine);
    return machine;
  }

  /** The server does it now: as it would answer. */
  carryOut(verb: "get" | "create" | "patch", body?: KubeObject): KubeObject {
    if (verb === "get") {
      if (!this.lease) throw new KubeError(404, "NotFound", "there is none");
      return this.object();
    }
    const asked = body?.metadata.resourceVersion;
    if (verb === "create" ? this.lease !== undefined : asked !== String(this.lease?.version)) {
      throw new KubeError(409, "Conflict", "changed meanwhile");
    }
    this.writes++;
    this.lease = { version: ++this.#version, spec: { ...this.lease?.spec, ...(body?.spec as object) } };
    for (const machine of this.machines) machine.toldOfChange();
    return this.object();
  }

  /** From now on requests are quick and answered. */
  calmDown(): void {
    this.isApiAway = false;
    this.faults = { lost: 0, unanswered: 0, slowestMs: 50, drift: this.faults.drift };
  }

  object(): KubeObject {
    const { version = 0, spec = {} } = this.lease ?? {};
    return { metadata: { name: "lease", namespace: "ns", resourceVersion: String(version) }, spec };
  }

  get drift(): number {
    return this.faults.drift;
  }

  happens(fault: "lost" | "unanswered"): boolean {
    return this.random() < this.faults[fault];
  }

  delay(): number {
    // Most are quick, some are not.
    return this.random() < 0.8 ? this.random() * 20 : this.random() * this.faults.slowestMs;
  }
}

/** One replica on a machine of its own, which may stop for a while in the middle of whatever it does. */
export class Machine implements Clock {
  readonly elector: LeaseElector;
  readonly #rate: number;
  readonly #offset: number;
  #wallOffset: number;
  #pausedUntil = 0;
  #isDead = false;
  #watchers: ((object: KubeObject) => void)[] = [];

  constructor(
    readonly world: SimulatedWorld,
    readonly name: string,
  ) {
    const { random, drift } = world;
    this.#rate = 1 + (random() * 2 - 1) * drift;
    this.#offset = random() * 1e9;
    this.#wallOffset = random() * 1e12;
    this.elector = new LeaseElector({
      client: this.#client(),
      namespace: "ns",
      name: "lease",
      identity: `${name}_1`,
      timing: timingOf(30_000),
      log: silentLog,
      clock: this,
    });
  }

  now(): number {
    return this.#wallOffset + this.world.now;
  }

  steady(): number {
    return this.#offset + this.world.now * this.#rate;
  }

  random(): number {
    return this.world.random();
  }

  after(delayMs: number, callback: () => void): () => void {
    const due = this.world.at(Math.max(0, delayMs) / this.#rate, () => this.#whenAwake(callback));
    return () => this.world.cancel(due);
  }

  /** SIGSTOP, or a machine that is moved: nothing runs, and time goes on. */
  pause(forMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.world.now + forMs);
  }

  setWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  /** SIGKILL. */
  kill(): void {
    this.#isDead = true;
  }

  get isAlive(): boolean {
    return !this.#isDead;
  }

  toldOfChange(): void {
    const object = this.world.object();
    for (const tell of this.#watchers) this.#deliver(() => tell(structuredClone(object)));
  }

  #whenAwake(run: () => void): void {
    if (this.#isDead) return;
    if (this.world.now >= this.#pausedUntil) run();
    else this.world.at(this.#pausedUntil - this.world.now, () => this.#whenAwake(run));
  }

  #deliver(run: () => void): void {
    this.world.at(this.world.delay(), () => this.#whenAwake(run));
  }

  #ask(verb: "get" | "create" | "patch", body?: KubeObject): Promise<KubeObject> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      if (world.happens("lost")) return;
      world.at(world.delay(), () => {
        if (world.isApiAway) {
          if (world.random() < 0.5) this.#deliver(() => reject(new Error("connection refused")));
          return;
        }
        const answer = attempt(() => world.carryOut(verb, body));
        if (world.happens("unanswered")) return;
        this.#deliver(() => (answer instanceof Error ? reject(answer) : resolve(structuredClone(answer))));
      });
    });
  }

  #client(): KubeClient {
    const { world } = this;
    const machine = this;
    const client: Partial<KubeClient> = {
      get: () => this.#ask("get"),
      create: (_resource, object) => this.#ask("create", object),
      patch: (_resource, _target, _type, body) => this.#ask("patch", body as KubeObject),
      async *pages() {
        yield { items: world.lease ? [world.object()] : [], resourceVersion: "1" };
      },
      async *watch(_resource, _version, { onOpen }) {
        onOpen?.();
        for (;;) {
          yield await new Promise((resolve) => {
            machine.#watchers = [(object) => resolve({ type: "MODIFIED", object })];
          });
        }
      },
    };
    return client as KubeClient;
  }
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Everything that can go on without time or an answer has gone on. */
async function allPromises(): Promise<void> {
  for (let turn = 0; turn < 25; turn++) await Promise.resolve();
}

const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };
