/** Token buckets, one per key: `capacity` attempts at once, then one more every `refillMs`. */
export class RateLimit {
  readonly #capacity: number;
  readonly #refillMs: number;
  readonly #keysMax: number;
  /** Oldest use first, so that the first key is the one to forget. */
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(options: { capacity: number; refillMs: number; keysMax: number }) {
    this.#capacity = options.capacity;
    this.#refillMs = options.refillMs;
    this.#keysMax = options.keysMax;
  }

  /** Takes one attempt; gives 0, or the milliseconds to wait until the next is allowed. */
  take(key: string, now: number): number {
    const bucket = this.#buckets.get(key) ?? { left: this.#capacity, at: now };
    const elapsed = Math.max(0, now - bucket.at);
    const left = Math.min(this.#capacity, bucket.left + elapsed / this.#refillMs);
    const allowed = left >= 1;
    this.#remember(key, { left: allowed ? left - 1 : left, at: now });
    return allowed ? 0 : Math.ceil((1 - left) * this.#refillMs);
  }

  /** Gives an attempt back: it succeeded, and only failures count. */
  refund(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.left = Math.min(this.#capacity, bucket.left + 1);
  }

  #remember(key: string, bucket: { left: number; at: number }): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#keysMax) return;
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
