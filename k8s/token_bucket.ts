/** A rate limit: `burst` at once, then one for each `refillMs`. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number;

  constructor(
    private readonly burst: number,
    private readonly refillMs: number,
    nowMs: number,
  ) {
    this.#tokens = burst;
    this.#filledAt = nowMs;
  }

  /** As if nobody had ever gone. */
  isFull(nowMs: number): boolean {
    return this.#tokens + Math.max(0, nowMs - this.#filledAt) / this.refillMs >= this.burst;
  }

  /** True where one may go now. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.burst, this.#tokens + Math.max(0, nowMs - this.#filledAt) / this.refillMs);
    this.#filledAt = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
