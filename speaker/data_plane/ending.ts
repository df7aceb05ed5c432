import type { Timed } from "./loop.ts";

/** How often it is looked whether everything was taken over; each claim wakes the loop anyway. */
const lookIntervalMs = 20;

/** The time between goodbye and end: over when nothing is answered for any more, or when it is up. */
export class Ending implements Timed {
  readonly #isDone: () => boolean;
  readonly #end: () => void;
  #endsAt = Infinity;
  #lookAt = Infinity;

  constructor(isDone: () => boolean, end: () => void) {
    this.#isDone = isDone;
    this.#end = end;
  }

  begin(now: number, graceMs: number): void {
    this.#endsAt = now + graceMs;
    this.#lookAt = now;
  }

  nextDeadline(): number {
    return Math.min(this.#lookAt, this.#endsAt);
  }

  expire(now: number): void {
    this.#lookAt = now + lookIntervalMs;
    if (now >= this.#endsAt || this.#isDone()) this.#end();
  }
}
