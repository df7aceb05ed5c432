/** Numbers, the least of them first; adding one that is already there changes nothing. */
export class MinHeap {
  readonly #heap: bigint[] = [];
  readonly #members = new Set<bigint>();

  get least(): bigint | undefined {
    return this.#heap[0];
  }

  add(value: bigint): void {
    if (this.#members.has(value)) return;
    this.#members.add(value);
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as bigint) <= value) break;
      heap[at] = heap[parent] as bigint;
      at = parent;
    }
    heap[at] = value;
  }

  removeLeast(): void {
    const heap = this.#heap;
    const least = heap[0];
    const moved = heap.pop();
    if (least === undefined || moved === undefined) return;
    this.#members.delete(least);
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as bigint) < (heap[child] as bigint)) child++;
      if ((heap[child] as bigint) >= moved) break;
      heap[at] = heap[child] as bigint;
      at = child;
    }
    heap[at] = moved;
  }
}
