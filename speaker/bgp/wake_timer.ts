import type { Clock } from "#io/mod.ts";

/**
 * Calls back at a deadline that moves all the time: a later one only lets the running timer fire in vain once, so that
 * hundreds of messages a second do not start and stop hundreds of timers.
 */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #timer: Timer | undefined;
  #firesAt = Number.POSITIVE_INFINITY;

  /** `wake` looks what is due, and arms again. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Undefined: nothing to wait for. */
  arm(deadline: number | undefined): void {
    if (deadline === undefined) {
      clearTimeout(this.#timer);
      this.#firesAt = Number.POSITIVE_INFINITY;
      return;
    }
    if (deadline >= this.#firesAt) return;
    clearTimeout(this.#timer);
    this.#firesAt = deadline;
    this.#timer = setTimeout(
      () => this.#fire(),
      Math.max(0, Math.ceil(deadline - this.#clock.monotonicMs())),
    );
  }

  #fire(): void {
    this.#firesAt = Number.POSITIVE_INFINITY;
    this.#wake();
  }
}
