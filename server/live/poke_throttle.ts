/**
 * At most one poke per topic and interval: the first goes at once, those that follow within the interval become one
 * at its end. A value with time as an argument; the hub owns the timers.
 */
export class PokeThrottle {
  readonly #intervalMs: number;
  readonly #sentAt = new Map<string, number>();
  readonly #waiting = new Set<string>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** 0: send now. A number: call {@link due} after so many ms. Undefined: one is already on its way. */
  changed(topic: string, now: number): number | undefined {
    if (this.#waiting.has(topic)) return undefined;
    const sentAt = this.#sentAt.get(topic);
    const waitMs = sentAt === undefined ? 0 : Math.min(this.#intervalMs, sentAt + this.#intervalMs - now);
    if (waitMs > 0) {
      this.#waiting.add(topic);
      return waitMs;
    }
    this.#sentAt.set(topic, now);
    return 0;
  }

  /** The delayed poke goes out. */
  due(topic: string, now: number): void {
    this.#waiting.delete(topic);
    this.#sentAt.set(topic, now);
  }
}
