/** Where time comes from. Deadlines use the monotonic clock; what people read uses the wall clock. */
export interface Clock {
  /** Milliseconds from an arbitrary start, with fractions; never goes back, comparable within one thread only. */
  monotonicMs(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
