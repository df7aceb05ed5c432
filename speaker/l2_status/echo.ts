import type { ServiceL2StatusView } from "#k8s/mod.ts";

/**
 * What the watch is still to show of what was written. Until it has, the local copy is behind, and what it seems to ask
 * for may be done already.
 */
export class Echo {
  readonly #until: number;
  /** Made or filled by this node, and those of them that the watch has shown. */
  readonly #written = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #removed = new Set<string>();
  #isComplete = false;

  constructor(until: number) {
    this.#until = until;
  }

  written(name: string): void {
    this.#written.add(name);
  }

  removed(name: string): void {
    this.#removed.add(name);
  }

  /** Everything that is to be written is. */
  complete(): void {
    this.#isComplete = true;
  }

  /** The objects of the Service as the watch shows them now; true when there is nothing left to wait for. */
  isHeard(objects: readonly ServiceL2StatusView[]): boolean {
    const shown = new Map(objects.map((object) => [object.name, object]));
    for (const name of this.#removed) if (!shown.has(name)) this.#removed.delete(name);
    for (const name of this.#written) {
      const object = shown.get(name);
      // Another may have removed it before its status was shown.
      if (object?.isFilled || (!object && this.#seen.has(name))) this.#written.delete(name);
      else if (object) this.#seen.add(name);
    }
    return this.#isComplete && this.#written.size === 0 && this.#removed.size === 0;
  }

  /** A watch that lags for longer is not waited for. */
  waitMs(now: number): number {
    return this.#until - now;
  }
}
