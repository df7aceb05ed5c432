import { type Clock, KubeError, type Logger } from "#k8s/mod.ts";

export interface WorkQueueOptions {
  /** What the log calls it. */
  name: string;
  /** Brings one key to what it must be. Resolves to the time at which to look again, if time alone changes anything. */
  handle: (key: string) => Promise<number | undefined>;
  /** Keys handled at the same time; one key never twice at once. */
  workers: number;
  log: Logger;
  signal: AbortSignal;
  clock: Clock;
}

const retryFirstMs = 10;
const retryMaxMs = 30_000;
/** A conflict that lasts longer is no race. */
const raceMs = 1000;

/**
 * Keys to look at, each at most once in the queue (client-go's workqueue): a key added while it is being handled is
 * handled once more afterwards. A failure is tried again after 10 ms, doubling to 30 s.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  /** How often a key has failed in a row, and since when. */
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();
  readonly #timers = new Map<string, () => void>();
  #isOpen = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => {
      this.#waiting.clear();
      for (const cancel of this.#timers.values()) cancel();
      this.#timers.clear();
    });
  }

  /** Begins to handle: once the caches that the handler reads are complete. */
  open(): void {
    this.#isOpen = true;
    this.#start();
  }

  /** Nothing waits, runs, or is to be tried again. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0 && this.#failures.size === 0;
  }

  add(key: string): void {
    if (this.#options.signal.aborted || this.#waiting.has(key)) return;
    this.#waiting.add(key);
    // Events of one batch become one look.
    queueMicrotask(() => this.#start());
  }

  #start(): void {
    if (!this.#isOpen) return;
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.workers) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    this.#cancel(key);
    try {
      const againAtMs = await this.#options.handle(key);
      this.#failures.delete(key);
      if (againAtMs !== undefined) this.#later(key, againAtMs - this.#options.clock.now());
    } catch (error) {
      this.#retry(key, error);
    } finally {
      this.#running.delete(key);
      this.#start();
    }
  }

  #retry(key: string, error: unknown): void {
    if (this.#options.signal.aborted) return;
    const { name, log, clock } = this.#options;
    const { count, sinceMs } = this.#failures.get(key) ?? { count: 0, sinceMs: clock.now() };
    this.#failures.set(key, { count: count + 1, sinceMs });
    const delayMs = Math.min(retryFirstMs * 2 ** Math.min(count, 20), retryMaxMs);
    // Somebody else wrote first and the watch will tell: looking again is the answer, and no news.
    const isRace = error instanceof KubeError && (error.code === 409 || error.code === 404);
    const fields = { queue: name, key, failures: count + 1, delayMs, error: String(error) };
    if (isRace && clock.now() - sinceMs < raceMs) log.debug("tries again", fields);
    else log.warn("cannot bring an object to its wanted state, tries again", fields);
    this.#later(key, delayMs);
  }

  #later(key: string, delayMs: number): void {
    if (this.#options.signal.aborted) return;
    const cancel = this.#options.clock.after(Math.max(delayMs, 0), () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, cancel);
  }

  #cancel(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }
}
