import type { Stored } from "./stored.ts";

/** One write: `before` is absent for a creation, `after` is the last state for a deletion. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  readonly before?: Stored;
  readonly after: Stored;
}

/** The last changes of one collection, from which an interrupted watch resumes. Older ones are compacted away. */
export class ChangeWindow {
  readonly #limit: number;
  readonly #changes: Change[] = [];
  #compactedRevision: number;

  /** Nothing is remembered of `revision` and before. */
  constructor(limit: number, revision: number) {
    this.#limit = limit;
    this.#compactedRevision = revision;
  }

  /** A watch may resume from this revision or a later one. */
  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  add(change: Change): void {
    this.#changes.push(change);
    // Dropping half a window at a time keeps the cost per change constant.
    if (this.#changes.length < this.#limit * 1.5) return;
    const dropped = this.#changes.splice(0, this.#changes.length - this.#limit);
    this.#compactedRevision = dropped.at(-1)?.revision ?? this.#compactedRevision;
  }

  /** Changes later than `revision` in order, or undefined where some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#compactedRevision) return undefined;
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle] as Change).revision > revision) high = middle;
      else low = middle + 1;
    }
    return this.#changes.slice(low);
  }
}
