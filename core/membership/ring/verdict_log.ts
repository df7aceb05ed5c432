const verdictsMax = 32;

/** A death that this node found, or heard of while it took the node for alive. */
export interface Verdict {
  /** Monotonic ms. */
  readonly at: number;
  readonly node: string;
  /** Who found it, or who brought the news. */
  readonly by: string;
  /** Other watchers that did not hear it either; empty for what was only heard of. */
  readonly accusers: readonly string[];
  /** True where the verdict rested on the gateway's answer. */
  readonly hasWitness: boolean;
  readonly silentMs: number;
}

/** The last deaths, newest first. */
export class VerdictLog {
  readonly last: Verdict[] = [];

  note(verdict: Verdict): void {
    this.last.unshift(verdict);
    this.last.splice(verdictsMax);
  }

  heard(node: string, by: string, silentMs: number, now: number): void {
    this.note({ at: now, node, by, accusers: [], hasWitness: false, silentMs });
  }
}
