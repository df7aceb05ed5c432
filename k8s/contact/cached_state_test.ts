import { describe, expect, test } from "bun:test";
import { ManualClock } from "../testing/mod.ts";
import { CachedState, type WatchedCopy } from "./cached_state.ts";

class Copy implements WatchedCopy {
  connected = true;
  isRefused = false;
  lastError: string | undefined;
  readonly #listeners: ((connected: boolean) => void)[] = [];
  onConnection(listener: (connected: boolean) => void): void {
    this.#listeners.push(listener);
  }
  set(connected: boolean, isRefused = false): void {
    this.connected = connected;
    this.isRefused = isRefused;
    this.lastError = connected ? undefined : "refused";
    for (const listener of this.#listeners) listener(connected);
  }
}

function start() {
  const clock = new ManualClock(1_000_000);
  const ended = new AbortController();
  const copies = [new Copy(), new Copy()] as const;
  const world = { answers: true, asked: 0, told: 0 };
  const cached = new CachedState({ clock, signal: ended.signal, changed: () => world.told++ });
  cached.follow(copies, async () => {
    world.asked++;
    if (!world.answers) throw new Error("no answer");
    cached.heard();
  });
  return { clock, ended, copies, cached, world };
}

describe("CachedState", () => {
  test("a watch that is resumed soon is no news; one that is not is, since it was lost", async () => {
    const { clock, copies, cached, world } = start();
    copies[0].set(false);
    await clock.advance(4_999);
    copies[0].set(true);
    await clock.advance(5_000);
    expect([cached.since, world.told]).toEqual([undefined, 0]);
    copies[1].set(false);
    const lostAt = clock.now();
    await clock.advance(4_999);
    expect(cached.since).toBeUndefined();
    await clock.advance(1);
    expect([cached.since, cached.problem, world.told]).toEqual([lostAt, "refused", 1]);
    copies[1].set(true);
    expect([cached.since, world.told]).toEqual([undefined, 2]);
  });

  test("it lasts until the last copy is live, and has lasted since the first was not", async () => {
    const { clock, copies, cached, world } = start();
    const lostAt = clock.now();
    copies[0].set(false);
    await clock.advance(1_000);
    copies[1].set(false);
    await clock.advance(20_000);
    expect(cached.since).toBe(lostAt);
    copies[0].set(true);
    expect(cached.since).toBe(lostAt + 1_000);
    copies[1].set(true);
    expect([cached.since, world.told]).toEqual([undefined, 2]);
  });

  test("a refusal is an answer: what is forbidden is not away", async () => {
    const { clock, copies, cached, world } = start();
    copies[0].set(false, true);
    await clock.advance(60_000);
    expect([cached.since, world.told]).toEqual([undefined, 0]);
  });

  test("a server that went silent without a word is asked, and its silence counted from its last word", async () => {
    const { clock, cached, world } = start();
    const heardAt = clock.now();
    world.answers = false;
    await clock.advance(9_999);
    expect(world.asked).toBe(0);
    await clock.advance(1);
    expect([world.asked, cached.since, cached.problem]).toEqual([1, heardAt, "no answer"]);
    world.answers = true;
    await clock.advance(10_000);
    expect([cached.since, world.told]).toEqual([undefined, 2]);
  });

  test("a server that speaks is not asked", async () => {
    const { clock, cached, world } = start();
    for (let n = 0; n < 20; n++) {
      await clock.advance(9_000);
      cached.heard();
    }
    expect(world.asked).toBe(0);
  });

  test.each([-7 * 3_600_000, 7 * 3_600_000])("a wall's clock set by %p ms is no silence", async (byMs) => {
    const { clock, copies, cached } = start();
    await clock.advance(3_000);
    clock.setWall(byMs);
    cached.heard();
    await clock.advance(9_000);
    expect(cached.since).toBeUndefined();
    copies[0].set(false);
    await clock.advance(5_000);
    expect(cached.since).toBe(clock.now() - 5_000);
  });

  test("no timer outlives it", async () => {
    const { clock, copies, ended } = start();
    copies[0].set(false);
    ended.abort();
    await clock.advance(0);
    expect(clock.nextMs()).toBeUndefined();
  });
});
