interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What is to happen, by time; of one time, in the order in which it was planned. A binary heap. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  add(at: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { at, order: this.#order++, run };
    let place = heap.length;
    heap.push(entry);
    for (;;) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (place === 0 || !parent || isBefore(parent, entry)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  /** The next entry, if it is due by then. */
  take(until: number): Entry | undefined {
    const heap = this.#heap;
    const [first] = heap;
    if (!first || first.at > until) return undefined;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (!left) break;
      if (right && isBefore(right, left)) below++;
      const child = heap[below] as Entry;
      if (isBefore(last, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
