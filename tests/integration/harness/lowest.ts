/** Looks at a number again and again, and remembers the lowest. */
export class Lowest {
  #lowest = Number.POSITIVE_INFINITY;
  #isRunning = true;
  readonly #watching: Promise<void>;

  constructor(look: () => number | Promise<number>, pauseMs = 5) {
    this.#watching = this.#watch(look, pauseMs);
  }

  /** NaN where one look gave no number. */
  async stop(): Promise<number> {
    this.#isRunning = false;
    await this.#watching;
    return this.#lowest;
  }

  async #watch(look: () => number | Promise<number>, pauseMs: number): Promise<void> {
    while (this.#isRunning) {
      this.#lowest = Math.min(this.#lowest, await look());
      await Bun.sleep(pauseMs);
    }
  }
}
