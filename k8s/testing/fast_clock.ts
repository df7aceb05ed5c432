import type { Clock } from "../clock.ts";

/** The real clock, so many times faster: pauses of seconds pass in tests beside sockets that are as fast as ever. */
export class FastClock implements Clock {
  readonly #startedAt = Date.now();
  readonly #origin = performance.now();

  constructor(private readonly speed: number) {}

  now(): number {
    return this.#startedAt + (performance.now() - this.#origin) * this.speed;
  }

  steady(): number {
    return this.now();
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, Math.min(delayMs / this.speed, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }

  random(): number {
    return Math.random();
  }
}
