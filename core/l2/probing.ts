/** How an address is asked for before it is used; the reasons stand in docs/decisions/007. */
export interface ProbeTiming {
  /** RFC 5227's PROBE_NUM, and RFC 4862's DupAddrDetectTransmits. */
  probes: number;
  /** Between two probes, and from the last one to the announcement. */
  intervalMs: number;
  /**
   * After each of the first conflicts, shortened by chance to as little as its half. Speakers that have not yet heard of
   * each other meet there at a cold start: who is left announces soon after the others gave way.
   */
  retryMinMs: number;
  /** After so many the wait is doubled with each further one. */
  promptRetries: number;
  /** RFC 5227's MAX_CONFLICTS: after so many the wait is the longest. */
  conflictsMax: number;
  /** RFC 5227's RATE_LIMIT_INTERVAL. */
  retryMaxMs: number;
}

/** The address may be announced 300 ms after it was wanted. */
export const defaultProbeTiming: ProbeTiming = {
  probes: 3,
  intervalMs: 100,
  retryMinMs: 600,
  promptRetries: 7,
  conflictsMax: 10,
  retryMaxMs: 60_000,
};

interface Entry {
  sent: number;
  conflicts: number;
  dueAt: number;
}

export interface ProbesDue<Address> {
  /** To be asked for now. */
  probe: Address[];
  /** Nobody else has it: theirs from now on. */
  passed: Address[];
}

/**
 * Which address is asked for when, and which may be used because nobody answered (RFC 5227 §2.1.1, RFC 4862 §5.4). One
 * that another host has is asked for again, ever more seldom, and may be used when it has no longer.
 *
 * Waits between probes are equally long, so that queues in the order of insertion are in the order of time too; those
 * after conflicts differ, and are few.
 */
export class Probing<Address> {
  readonly #timing: ProbeTiming;
  readonly #fresh = new Map<Address, Entry>();
  readonly #waiting = new Map<Address, Entry>();
  readonly #conflicted = new Map<Address, Entry>();
  readonly #held = new Set<Address>();
  #nextDeadline = Infinity;

  constructor(timing: ProbeTiming = defaultProbeTiming) {
    this.#timing = timing;
  }

  get size(): number {
    return this.#fresh.size + this.#waiting.size + this.#conflicted.size + this.#held.size;
  }

  has(address: Address): boolean {
    return (
      this.#fresh.has(address) ||
      this.#waiting.has(address) ||
      this.#conflicted.has(address) ||
      this.#held.has(address)
    );
  }

  /** There is nowhere to ask: it waits until it is started again. */
  hold(address: Address): void {
    this.stop(address);
    this.#held.add(address);
  }

  isHeld(address: Address): boolean {
    return this.#held.has(address);
  }

  start(address: Address, now: number): void {
    this.#remove(address);
    this.#fresh.set(address, { sent: 0, conflicts: 0, dueAt: now });
    this.#nextDeadline = this.#earliest();
  }

  stop(address: Address): void {
    if (this.#remove(address)) this.#nextDeadline = this.#earliest();
  }

  /** Another host has it, or wants it too. `random` in [0, 1) keeps two that want it from meeting again and again. */
  conflict(address: Address, now: number, random: number): void {
    const entry = this.#fresh.get(address) ?? this.#waiting.get(address);
    if (!entry) return;
    this.#remove(address);
    const conflicts = entry.conflicts + 1;
    const dueAt = now + this.#waitMs(conflicts) * (1 - random / 2);
    this.#conflicted.set(address, { sent: 0, conflicts, dueAt });
    this.#nextDeadline = this.#earliest();
  }

  /** Infinity when nothing is asked for. */
  nextDeadline(): number {
    return this.#nextDeadline;
  }

  /** Takes at most `max` addresses that are due. */
  takeDue(now: number, max: number): ProbesDue<Address> {
    const due: ProbesDue<Address> = { probe: [], passed: [] };
    for (const [address, entry] of this.#conflicted) {
      if (entry.dueAt > now) continue;
      this.#conflicted.delete(address);
      this.#fresh.set(address, entry);
    }
    let count = 0;
    for (const queue of [this.#fresh, this.#waiting]) {
      for (const [address, entry] of queue) {
        if (entry.dueAt > now || count++ >= max) break;
        queue.delete(address);
        if (entry.sent === this.#timing.probes) due.passed.push(address);
        else {
          due.probe.push(address);
          this.#waiting.set(address, {
            ...entry,
            sent: entry.sent + 1,
            dueAt: now + this.#timing.intervalMs,
          });
        }
      }
    }
    this.#nextDeadline = this.#earliest();
    return due;
  }

  #waitMs(conflicts: number): number {
    const { retryMinMs, retryMaxMs, promptRetries, conflictsMax } = this.#timing;
    if (conflicts > conflictsMax) return retryMaxMs;
    return Math.min(retryMinMs * 2 ** Math.max(0, conflicts - promptRetries), retryMaxMs);
  }

  #remove(address: Address): boolean {
    return (
      this.#fresh.delete(address) ||
      this.#waiting.delete(address) ||
      this.#conflicted.delete(address) ||
      this.#held.delete(address)
    );
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const queue of [this.#fresh, this.#waiting])
      for (const { dueAt } of queue.values()) {
        earliest = Math.min(earliest, dueAt);
        break;
      }
    for (const { dueAt } of this.#conflicted.values()) earliest = Math.min(earliest, dueAt);
    return earliest;
  }
}
