import type { Clock } from "../clock.ts";

/** A clock for tests: time passes only by {@link advance}, chance is one number. */
export class ManualClock implements Clock {
  #now: number;
  /** How far the wall's clock was set away from the steady one. */
  #setByMs = 0;
  #timers: { at: number; callback: () => void }[] = [];
  #random = 0;

  constructor(nowMs = 1_000_000) {
    this.#now = nowMs;
  }

  now(): number {
    return this.#now + this.#setByMs;
  }

  steady(): number {
    return this.#now;
  }

  /** Somebody sets the wall's clock: no time passes. */
  setWall(byMs: number): void {
    this.#setByMs += byMs;
  }

  random(): number {
    return this.#random;
  }

  setRandom(value: number): void {
    this.#random = value;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Milliseconds to the nearest timer; undefined without one. */
  nextMs(): number | undefined {
    const at = Math.min(...this.#timers.map((timer) => timer.at));
    return Number.isFinite(at) ? at - this.#now : undefined;
  }

  /** Lets what is ready run, then time pass, timer by timer. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    await settle();
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = until;
  }
}

/** Waits until promises and streams that can go on have gone on; no time passes. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
