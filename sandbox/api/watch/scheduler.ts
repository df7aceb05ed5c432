/** Timers as an argument, so that tests turn the clock by hand. Each function returns its own cancellation. */
export interface Scheduler {
  after(delayMs: number, callback: () => void): () => void;
  every(periodMs: number, callback: () => void): () => void;
}

export const systemScheduler: Scheduler = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs);
    // What is done again and again is no reason for a process to stay.
    timer.unref();
    return () => clearInterval(timer);
  },
};
