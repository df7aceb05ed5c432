/**
 * How badly this node itself does, after Lifeguard's local health: 0 is well. It rises when own timers run late and
 * when a veto shows that others heard what this node missed for more than two intervals, and falls by one for each second
 * without either. The worse it is, the longer this node waits before it accuses others.
 */
export class Awareness {
  #level = 0;
  #betterAt = Infinity;

  get level(): number {
    return this.#level;
  }

  worse(now: number): void {
    this.#level = Math.min(this.#level + 1, levelMax);
    this.#betterAt = now + recoveryMs;
  }

  tick(now: number): void {
    if (now < this.#betterAt) return;
    this.#level--;
    this.#betterAt = this.#level > 0 ? now + recoveryMs : Infinity;
  }

  /** Two intervals at the worst. */
  patienceMs(intervalMs: number): number {
    return (this.#level * intervalMs) / 4;
  }
}

/** As memberlist's AwarenessMaxMultiplier. */
const levelMax = 8;
const recoveryMs = 1_000;
