import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeArp, defaultGratuitousTiming, GratuitousSchedule, gratuitousFrames } from "./mod.ts";

/** Runs the schedule on virtual time and gives the moments at which each address was announced. */
function run(schedule: GratuitousSchedule<number>, untilMs: number, max = 1_000): Map<number, number[]> {
  const sent = new Map<number, number[]>();
  for (let now = schedule.nextDeadline(); now <= untilMs; now = Math.max(now, schedule.nextDeadline()))
    for (const address of schedule.takeDue(now, max)) sent.set(address, [...(sent.get(address) ?? []), now]);
  return sent;
}

test("gratuitousFrames() are a request and a reply, each naming the address as sender and target", () => {
  const mac = "02:00:00:00:00:01";
  const common = {
    destination: "ff:ff:ff:ff:ff:ff",
    source: mac,
    senderMac: mac,
    senderAddress: 0xc0a801f0,
    targetMac: "ff:ff:ff:ff:ff:ff",
    targetAddress: 0xc0a801f0,
    trailer: new Uint8Array(0),
  };
  expect(gratuitousFrames(mac, 0xc0a801f0).map(decodeArp)).toEqual([
    { ...common, operation: 1 },
    { ...common, operation: 2 },
  ]);
});

describe("GratuitousSchedule", () => {
  test("announces at once, every 1.1 s for 5 s, and every 60 s from then on", () => {
    const schedule = new GratuitousSchedule<number>();
    schedule.start(1, 1_000);
    expect(run(schedule, 130_000).get(1)).toEqual([1_000, 2_100, 3_200, 4_300, 5_400, 65_400, 125_400]);
  });

  test("stays quiet after the burst where no refresh is asked for", () => {
    const schedule = new GratuitousSchedule<number>({
      ...defaultGratuitousTiming,
      refreshIntervalMs: Infinity,
    });
    schedule.start(1, 0);
    expect(run(schedule, 1_000_000).get(1)).toHaveLength(5);
    expect(schedule.nextDeadline()).toBe(Infinity);
  });

  test("a burst that is started anew begins at once and runs its whole length", () => {
    const schedule = new GratuitousSchedule<number>();
    schedule.start(1, 0);
    expect(schedule.takeDue(0, 9)).toEqual([1]);
    expect(schedule.takeDue(1_099, 9)).toEqual([]);
    expect(schedule.takeDue(1_100, 9)).toEqual([1]);
    schedule.start(1, 1_200);
    expect(run(schedule, 30_000).get(1)).toEqual([1_200, 2_300, 3_400, 4_500, 5_600]);
  });

  test("takes at most what it is asked for, and takeovers before refreshes", () => {
    const schedule = new GratuitousSchedule<number>();
    schedule.start(1, 0);
    run(schedule, 6_000);
    schedule.start(2, 64_400);
    schedule.start(3, 64_400);
    expect(schedule.takeDue(64_400, 2)).toEqual([2, 3]);
    expect(schedule.takeDue(64_400, 2)).toEqual([1]);
    expect(schedule.takeDue(64_400, 2)).toEqual([]);
  });

  test("a stopped address is announced no more, whichever phase it was in", () => {
    for (const stopAt of [0, 500, 30_000]) {
      const schedule = new GratuitousSchedule<number>();
      schedule.start(1, 0);
      if (stopAt > 0) run(schedule, stopAt);
      schedule.stop(1);
      expect(schedule.nextDeadline()).toBe(Infinity);
    }
  });

  test("however bursts start and stop, an owned address is never silent longer than a refresh", () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      address: fc.integer({ min: 1, max: 5 }),
      stop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const schedule = new GratuitousSchedule<number>();
        const lastSent = new Map<number, number>();
        let now = 0;
        const advance = (until: number) => {
          while (schedule.nextDeadline() <= until) {
            now = Math.max(now, schedule.nextDeadline());
            for (const address of schedule.takeDue(now, 2)) lastSent.set(address, now);
          }
          now = until;
          for (const sentAt of lastSent.values()) expect(now - sentAt).toBeLessThanOrEqual(60_000);
        };
        for (const { wait, address, stop } of steps) {
          advance(now + wait);
          if (stop) {
            schedule.stop(address);
            lastSent.delete(address);
          } else {
            schedule.start(address, now);
            lastSent.set(address, now);
          }
        }
        advance(now + 60_000);
      }),
    );
  });
});
