import { type Clock, PollSet } from "#io/mod.ts";

/** A descriptor that is served when it is readable: it reads what waits, up to a budget of its own. */
export interface Source {
  readonly fd: number;
  serve(now: number): void;
}

/** A core state with deadlines, in monotonic milliseconds. */
export interface Timed {
  /** Infinity for none. */
  nextDeadline(): number;
  expire(now: number): void;
}

/**
 * One thread, blocked in poll(2) until a descriptor is readable or the nearest deadline is reached. In each turn what
 * waits is read first and what is due is done after it, so that nobody is called silent whose words lie in the queue.
 */
export class Loop {
  readonly #clock: Clock;
  readonly #timed: readonly Timed[];
  readonly #poll = new PollSet();
  #sources: readonly Source[] = [];
  #isStale = true;
  #isRunning = true;

  constructor(clock: Clock, timed: readonly Timed[]) {
    this.#clock = clock;
    this.#timed = timed;
  }

  /** Replaces what is watched, also in the middle of a turn. */
  watch(sources: readonly Source[]): void {
    this.#sources = sources;
    this.#isStale = true;
  }

  /** Blocks the thread until {@link stop}. */
  run(): void {
    while (this.#isRunning) {
      if (this.#isStale) this.#poll.watch(this.#sources.map((source) => source.fd));
      this.#isStale = false;
      this.#poll.wait(this.#nearest() - this.#clock.monotonicMs());
      this.#serve();
      this.#expire();
    }
  }

  stop(): void {
    this.#isRunning = false;
  }

  /** A source may change the set, by which a descriptor is closed or its number taken anew: no other is served then. */
  #serve(): void {
    const now = this.#clock.monotonicMs();
    for (let index = 0; index < this.#sources.length && !this.#isStale && this.#isRunning; index++)
      if (this.#poll.isReady(index)) this.#sources[index]?.serve(now);
  }

  #expire(): void {
    const now = this.#clock.monotonicMs();
    for (const timed of this.#timed) if (timed.nextDeadline() <= now) timed.expire(now);
  }

  #nearest(): number {
    let nearest = Infinity;
    for (const timed of this.#timed) nearest = Math.min(nearest, timed.nextDeadline());
    return nearest;
  }
}
