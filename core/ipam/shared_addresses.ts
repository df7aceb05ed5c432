import { MinHeap } from "./min_heap.ts";

/** How far the search for one set of ports has come: below `frontier` only what `opened` names can have room. */
interface Cursor {
  frontier: bigint;
  readonly opened: MinHeap;
}

/** A search is remembered for at most so many sets of ports; forgetting one costs a walk, not a wrong answer. */
const cursorsMax = 4096;

/**
 * The addresses of one block that are shared under one key and backend. Finds the lowest with room for a set of
 * ports without walking over those that were found full before.
 */
export class SharedAddresses {
  readonly #ascending: bigint[] = [];
  readonly #cursors = new Map<string, Cursor>();

  get isEmpty(): boolean {
    return this.#ascending.length === 0;
  }

  add(value: bigint): void {
    this.#ascending.splice(this.#firstFrom(value), 0, value);
    this.open(value);
  }

  remove(value: bigint): void {
    const at = this.#firstFrom(value);
    if (this.#ascending[at] === value) this.#ascending.splice(at, 1);
  }

  /** A holder left the address, or gave up ports: searches that passed it have to look again. */
  open(value: bigint): void {
    for (const cursor of this.#cursors.values()) {
      if (value < cursor.frontier) cursor.opened.add(value);
    }
  }

  /** The lowest address that has room for these ports, as `hasRoom` says. */
  lowest(ports: readonly string[], hasRoom: (value: bigint) => boolean): bigint | undefined {
    const cursor = this.#cursor(ports.join());
    for (;;) {
      const value = cursor.opened.least;
      if (value === undefined) break;
      if (hasRoom(value)) return value;
      cursor.opened.removeLeast();
    }
    for (let at = this.#firstFrom(cursor.frontier); at < this.#ascending.length; at++) {
      const value = this.#ascending[at] as bigint;
      if (hasRoom(value)) return value;
      cursor.frontier = value + 1n;
    }
    return undefined;
  }

  #cursor(ports: string): Cursor {
    let cursor = this.#cursors.get(ports);
    if (!cursor) {
      if (this.#cursors.size >= cursorsMax) this.#cursors.clear();
      cursor = { frontier: 0n, opened: new MinHeap() };
      this.#cursors.set(ports, cursor);
    }
    return cursor;
  }

  /** Index of the first address that is `value` or above it. */
  #firstFrom(value: bigint): number {
    let low = 0;
    let high = this.#ascending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ascending[middle] as bigint) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
