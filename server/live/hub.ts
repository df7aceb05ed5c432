import { type Topic, topics } from "../topics.ts";
import { PokeThrottle } from "./poke_throttle.ts";

/** `tick` asks every region to pull itself once in a while, so that nothing shown grows stale unseen. */
export type PokeName = Topic | "tick";

export interface Poke {
  name: PokeName;
  /** Grows within one run of the server; the run stands before it, so that a restart is noticed. */
  id: string;
}

const pokeIntervalMs = 1_000;
const tickIntervalMs = 30_000;
/** A page that opens its stream may have been rendered this long ago; what changed since is poked at once. */
const pageAgeMs = 10_000;
const listenersMax = 1_000;

/** Fans the port's changes out to the open streams, at most one poke per topic and second. */
export class Hub {
  readonly #throttle = new PokeThrottle(pokeIntervalMs);
  readonly #listeners = new Set<(poke: Poke) => void>();
  readonly #last = new Map<Topic, { number: number; at: number }>();
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #now: () => number;
  #number = 0;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(subscribe: (listener: (topic: Topic) => void) => unknown, now: () => number = Date.now) {
    this.#now = now;
    subscribe((topic) => this.#changed(topic));
  }

  get isFull(): boolean {
    return this.#listeners.size >= listenersMax;
  }

  /** Calls back for every poke, first for those missed since `lastEventId`; returns the unsubscriber. */
  listen(listener: (poke: Poke) => void, lastEventId: string | undefined): () => void {
    for (const topic of this.#missed(lastEventId)) listener(this.#poke(topic));
    this.#listeners.add(listener);
    this.#ticking ??= setInterval(() => this.#send("tick"), tickIntervalMs);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    };
  }

  #changed(topic: Topic): void {
    const waitMs = this.#throttle.changed(topic, this.#now());
    if (waitMs === 0) this.#send(topic);
    else if (waitMs !== undefined) {
      setTimeout(() => {
        this.#throttle.due(topic, this.#now());
        this.#send(topic);
      }, waitMs);
    }
  }

  #send(name: PokeName): void {
    this.#number++;
    if (name !== "tick") this.#last.set(name, { number: this.#number, at: this.#now() });
    const poke = this.#poke(name);
    for (const listener of this.#listeners) listener(poke);
  }

  #poke(name: PokeName): Poke {
    return { name, id: `${this.#run}.${this.#number}` };
  }

  #missed(lastEventId: string | undefined): readonly Topic[] {
    if (lastEventId === undefined) {
      const since = this.#now() - pageAgeMs;
      return topics.filter((topic) => (this.#last.get(topic)?.at ?? 0) > since);
    }
    const [run, number] = lastEventId.split(".");
    const seen = run === this.#run ? Number(number) : Number.NaN;
    if (!Number.isInteger(seen)) return topics;
    return topics.filter((topic) => (this.#last.get(topic)?.number ?? 0) > seen);
  }
}
