import type { Scheduler } from "./scheduler.ts";

interface Timer {
  dueMs: number;
  periodMs?: number;
  callback: () => void;
}

/** Timers that fire when a test says so. */
export class ManualScheduler implements Scheduler {
  nowMs = 0;
  readonly timers = new Set<Timer>();
  after(delayMs: number, callback: () => void) {
    return this.#add({ dueMs: this.nowMs + delayMs, callback });
  }
  every(periodMs: number, callback: () => void) {
    return this.#add({ dueMs: this.nowMs + periodMs, periodMs, callback });
  }
  advance(milliseconds: number) {
    this.nowMs += milliseconds;
    for (const timer of [...this.timers].filter((each) => each.dueMs <= this.nowMs)) {
      if (timer.periodMs === undefined) this.timers.delete(timer);
      else timer.dueMs += timer.periodMs;
      timer.callback();
    }
  }
  #add(timer: Timer) {
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }
}
