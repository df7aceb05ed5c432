import { type Clock, TokenBucket } from "#k8s/mod.ts";

interface Limits {
  /** What comes within this time of the first is done with it. */
  coalesceMs: number;
  /** Keys worked on at the same time. */
  workersMax: number;
  /** Keys taken up at once, and then each `refillMs`. */
  burst: number;
  refillMs: number;
}

/**
 * Keys to be worked on, each once however often it was added, a few at a time and not too fast. A key that is added
 * while it is worked on comes again afterwards.
 */
export class KeyedQueue {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #work: (key: string) => Promise<void>;
  /** In order of arrival, with the earliest moment for each. */
  readonly #due = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #bucket: TokenBucket;
  #wakesAt = Infinity;
  #cancelWake = () => {};
  #pausedUntil = 0;
  #isStopped = false;

  /** `work` never rejects. */
  constructor(clock: Clock, limits: Limits, work: (key: string) => Promise<void>) {
    this.#clock = clock;
    this.#limits = limits;
    this.#work = work;
    this.#bucket = new TokenBucket(limits.burst, limits.refillMs, clock.steady());
  }

  /** Waiting or in work. */
  get size(): number {
    return this.#due.size + this.#running.size;
  }

  /** After `delayMs`, or sooner where it was to be sooner. */
  add(key: string, delayMs = this.#limits.coalesceMs): void {
    if (this.#isStopped) return;
    const at = this.#clock.steady() + delayMs;
    const known = this.#due.get(key);
    if (known !== undefined && known <= at) return;
    this.#due.set(key, at);
    this.#wakeAt(at);
  }

  /** There is nothing to do for it after all. */
  drop(key: string): void {
    this.#due.delete(key);
  }

  /** Nothing is taken up for this long. */
  pause(forMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.steady() + forMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#due.clear();
    this.#cancelWake();
  }

  #wakeAt(at: number): void {
    if (at >= this.#wakesAt) return;
    this.#cancelWake();
    this.#wakesAt = at;
    this.#cancelWake = this.#clock.after(Math.max(0, at - this.#clock.steady()), () => {
      this.#wakesAt = Infinity;
      this.#advance();
    });
  }

  #advance(): void {
    const now = this.#clock.steady();
    let next = Infinity;
    for (const [key, at] of this.#due) {
      if (this.#isStopped || this.#running.size >= this.#limits.workersMax) return;
      if (now < this.#pausedUntil) {
        next = this.#pausedUntil;
        break;
      }
      if (at > now) next = Math.min(next, at);
      else if (!this.#running.has(key)) {
        if (!this.#bucket.take(now)) {
          next = now + this.#limits.refillMs;
          break;
        }
        this.#due.delete(key);
        this.#run(key);
      }
    }
    if (next < Infinity) this.#wakeAt(next);
  }

  #run(key: string): void {
    this.#running.add(key);
    void this.#work(key).finally(() => {
      this.#running.delete(key);
      this.#advance();
    });
  }
}
