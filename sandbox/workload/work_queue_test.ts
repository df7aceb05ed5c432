import { expect, test } from "bun:test";
import type { Clock } from "#k8s/mod.ts";
import { KubeError } from "#k8s/mod.ts";
import { WorkQueue } from "./work_queue.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

class TestClock implements Clock {
  nowMs = 0;
  timers: { atMs: number; callback: () => void }[] = [];
  now = () => this.nowMs;
  steady = () => this.nowMs;
  random = () => 0;
  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }
  pass(): void {
    const [next] = this.timers.sort((a, b) => a.atMs - b.atMs);
    if (!next) throw new Error("No timer runs");
    this.timers = this.timers.filter((timer) => timer !== next);
    this.nowMs = next.atMs;
    next.callback();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function queueOf(handle: (key: string) => Promise<number | undefined>, workers = 2) {
  const clock = new TestClock();
  const abort = new AbortController();
  const queue = new WorkQueue({ name: "test", handle, workers, log: silent, signal: abort.signal, clock });
  queue.open();
  return { queue, clock, abort };
}

test("WorkQueue coalesces, and looks once more at a key that changed while it was handled", async () => {
  const seen: string[] = [];
  const gates: (() => void)[] = [];
  const { queue } = queueOf(async (key) => {
    seen.push(key);
    await new Promise<void>((resolve) => gates.push(resolve));
    return undefined;
  });
  queue.add("a");
  queue.add("a");
  await turn();
  expect(seen).toEqual(["a"]);
  queue.add("a");
  queue.add("a");
  await turn();
  expect(seen).toEqual(["a"]);
  gates.shift()?.();
  await turn();
  expect(seen).toEqual(["a", "a"]);
  gates.shift()?.();
  await turn();
  expect(queue.isIdle).toBe(true);
});

test("WorkQueue handles no more keys at once than it has workers", async () => {
  let running = 0;
  let most = 0;
  const { queue } = queueOf(async () => {
    most = Math.max(most, ++running);
    await turn();
    running--;
    return undefined;
  }, 3);
  for (let index = 0; index < 20; index++) queue.add(String(index));
  while (!queue.isIdle) await turn();
  expect(most).toBe(3);
});

test("WorkQueue tries a failure again after 10 ms, doubling, and forgets it on success", async () => {
  let failures = 3;
  const at: number[] = [];
  const { queue, clock } = queueOf(async () => {
    at.push(clock.nowMs);
    if (failures-- > 0) throw new KubeError(409, "Conflict", "somebody was faster");
    return undefined;
  });
  queue.add("a");
  await turn();
  for (let times = 0; times < 3; times++) {
    clock.pass();
    await turn();
  }
  expect(at).toEqual([0, 10, 30, 70]);
  expect(queue.isIdle).toBe(true);
  expect(clock.timers).toEqual([]);
});

test("WorkQueue looks again at the time the handler named, unless it looks earlier anyway", async () => {
  const at: number[] = [];
  const { queue, clock } = queueOf(async () => {
    at.push(clock.nowMs);
    return at.length < 3 ? clock.nowMs + 500 : undefined;
  });
  queue.add("a");
  await turn();
  clock.nowMs = 100;
  queue.add("a");
  await turn();
  expect(clock.timers).toHaveLength(1);
  clock.pass();
  await turn();
  expect(at).toEqual([0, 100, 600]);
});

test("WorkQueue waits until it is opened and stops with its signal", async () => {
  const seen: string[] = [];
  const clock = new TestClock();
  const abort = new AbortController();
  const handle = async (key: string) => {
    seen.push(key);
    return clock.nowMs + 1;
  };
  const queue = new WorkQueue({ name: "test", handle, workers: 1, log: silent, signal: abort.signal, clock });
  queue.add("a");
  await turn();
  expect(seen).toEqual([]);
  queue.open();
  await turn();
  expect(seen).toEqual(["a"]);
  abort.abort();
  queue.add("b");
  await turn();
  expect([seen, clock.timers]).toEqual([["a"], []]);
});
