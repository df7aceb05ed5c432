import { suspicionLastsMs } from "./formulas.ts";

export interface SuspicionLimits {
  /** Independent accusers that are waited for. */
  readonly wanted: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** One suspect's respite: long at first, shorter with each independent accuser (Lifeguard). */
export class Suspicion {
  readonly #limits: SuspicionLimits;
  readonly #startedAt: number;
  /** Who has accused; the first one confirms nothing. */
  readonly #accusers: Set<string>;
  #confirmations = 0;
  #putOffUntil = 0;

  constructor(from: string, limits: SuspicionLimits, now: number) {
    this.#limits = limits;
    this.#startedAt = now;
    this.#accusers = new Set([from]);
  }

  get accusers(): readonly string[] {
    return [...this.#accusers];
  }

  /** The suspect is dead then. */
  get deadline(): number {
    const { wanted, minMs, maxMs } = this.#limits;
    const lasts = suspicionLastsMs(this.#confirmations, wanted, minMs, maxMs);
    return Math.max(this.#startedAt + lasts, this.#putOffUntil);
  }

  /** True when this accuser is news that is worth passing on. */
  confirm(from: string): boolean {
    if (this.#confirmations >= this.#limits.wanted || this.#accusers.has(from)) return false;
    this.#accusers.add(from);
    this.#confirmations++;
    return true;
  }

  /** Somebody who knows better hears the suspect, or this node was not listening. */
  putOff(until: number): void {
    this.#putOffUntil = Math.max(this.#putOffUntil, until);
  }

  /** As long again as the shortest respite. */
  putOffFrom(now: number): void {
    this.putOff(now + this.#limits.minMs);
  }
}
