import { expect, test } from "bun:test";
import fc from "fast-check";
import { ReplayWindow } from "./replay_window.ts";

test("ReplayWindow takes each number once, in any order within 32, and nothing that lies farther behind", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 300 }), (numbers) => {
      const window = new ReplayWindow();
      const taken = new Set<number>();
      let highest = 0;
      for (const number of numbers) {
        const isNew = !taken.has(number) && number > highest - 32;
        expect(window.accept(number)).toBe(isNew);
        if (isNew) taken.add(number);
        highest = Math.max(highest, number);
      }
    }),
  );
});

test("ReplayWindow takes the largest numbers that a datagram can carry", () => {
  const window = new ReplayWindow();
  expect([1, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32 - 2, 1].map((each) => window.accept(each))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
