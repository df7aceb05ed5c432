import { describe, expect, test } from "bun:test";
import { ManualClock } from "#k8s/testing/mod.ts";
import { KeyedQueue } from "./queue.ts";

const limits = { coalesceMs: 200, workersMax: 2, burst: 3, refillMs: 100 };

function open(more: Partial<typeof limits> = {}) {
  const clock = new ManualClock();
  const done: string[] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  const queue = new KeyedQueue(clock, { ...limits, ...more }, async (key) => {
    if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
    done.push(key);
  });
  return { clock, queue, done, held, hold: (is: boolean) => (isHolding = is) };
}

describe("KeyedQueue", () => {
  test("works on a key once, however often it was added", async () => {
    const { clock, queue, done } = open();
    for (let count = 0; count < 5; count++) queue.add("a");
    await clock.advance(199);
    expect(done).toEqual([]);
    await clock.advance(1_000);
    expect(done).toEqual(["a"]);
    expect(queue.size).toBe(0);
    expect(clock.nextMs()).toBeUndefined();
  });

  test("takes up a burst, then one after another", async () => {
    const { clock, queue, done } = open();
    for (const key of ["a", "b", "c", "d", "e"]) queue.add(key);
    await clock.advance(200);
    expect(done).toEqual(["a", "b", "c"]);
    await clock.advance(100);
    expect(done).toEqual(["a", "b", "c", "d"]);
    await clock.advance(100);
    expect(done.length).toBe(5);
  });

  test("never has more in work than it may, and a key that is added meanwhile comes again", async () => {
    const { clock, queue, done, held, hold } = open();
    hold(true);
    for (const key of ["a", "b", "c"]) queue.add(key);
    await clock.advance(1_000);
    expect(held.length).toBe(2);
    queue.add("a");
    await clock.advance(1_000);
    expect(held.length).toBe(2);
    hold(false);
    for (const release of held) release();
    await clock.advance(1_000);
    expect(done.toSorted()).toEqual(["a", "a", "b", "c"]);
  });

  test("sooner wins over later, a pause over both, and what is dropped is not done", async () => {
    const { clock, queue, done } = open();
    queue.add("late", 60_000);
    queue.add("late", 500);
    queue.add("dropped", 500);
    queue.drop("dropped");
    queue.pause(2_000);
    await clock.advance(1_999);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(done).toEqual(["late"]);
  });

  test("stopped, it does nothing more", async () => {
    const { clock, queue, done } = open();
    queue.add("a");
    queue.stop();
    queue.add("b");
    await clock.advance(10_000);
    expect(done).toEqual([]);
  });
});
