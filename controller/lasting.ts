/** Conditions of many things, each with the moment since which it holds without a break. */
export class Lasting {
  readonly #since = new Map<string, number>();

  set(key: string, holds: boolean, now: number): void {
    if (!holds) this.#since.delete(key);
    else if (!this.#since.has(key)) this.#since.set(key, now);
  }

  /** Those that have held for at least `leastMs`, longest first. */
  since(now: number, leastMs: number): { key: string; at: number }[] {
    const found: { key: string; at: number }[] = [];
    for (const [key, at] of this.#since) if (now - at >= leastMs) found.push({ key, at });
    return found.sort((a, b) => a.at - b.at);
  }

  /** Some condition has yet to last that long. */
  hasYoungerThan(now: number, ageMs: number): boolean {
    return this.#since.values().some((at) => now - at < ageMs);
  }
}
