/** Time and chance of this room, so that a test can hold both. */
export interface Clock {
  /** Epoch milliseconds of the wall's clock, which may be set: for what people read. */
  now(): number;
  /** Milliseconds that only ever go on, whatever the wall's clock is set to: for every duration and deadline. */
  steady(): number;
  /** Calls back once after `delayMs`, unless the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** 0 <= x < 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.timeOrigin + performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Resolves after `delayMs`, or at once when the signal aborts. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener("abort", done);
  });
}
