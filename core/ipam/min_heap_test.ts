import { expect, test } from "bun:test";
import fc from "fast-check";
import { MinHeap } from "./min_heap.ts";

test("MinHeap gives what was added once each, ascending, whatever the order of calls", () => {
  const call = fc.oneof(fc.bigInt(0n, 30n), fc.constant("remove" as const));
  fc.assert(
    fc.property(fc.array(call, { maxLength: 200, size: "max" }), (calls) => {
      const heap = new MinHeap();
      const model = new Set<bigint>();
      const least = () => [...model].sort((a, b) => (a < b ? -1 : 1))[0];
      for (const each of calls) {
        if (each === "remove") {
          const first = least();
          heap.removeLeast();
          if (first !== undefined) model.delete(first);
        } else {
          heap.add(each);
          model.add(each);
        }
        expect(heap.least).toBe(least());
      }
    }),
  );
});
