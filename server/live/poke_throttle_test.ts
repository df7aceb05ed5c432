import { expect, test } from "bun:test";
import { PokeThrottle } from "./poke_throttle.ts";

test("PokeThrottle sends the first change at once and folds those that follow into one", () => {
  const throttle = new PokeThrottle(1_000);
  expect(throttle.changed("pools", 0)).toBe(0);
  expect(throttle.changed("pools", 300)).toBe(700);
  expect(throttle.changed("pools", 500)).toBeUndefined();
  throttle.due("pools", 1_000);
  expect(throttle.changed("pools", 1_200)).toBe(800);
  throttle.due("pools", 2_000);
  expect(throttle.changed("pools", 3_000)).toBe(0);
});

test("PokeThrottle keeps topics apart", () => {
  const throttle = new PokeThrottle(1_000);
  expect(throttle.changed("pools", 0)).toBe(0);
  expect(throttle.changed("bgp", 0)).toBe(0);
});

test("PokeThrottle never waits longer than the interval, even when the clock steps back", () => {
  const throttle = new PokeThrottle(1_000);
  throttle.changed("pools", 100_000);
  expect(throttle.changed("pools", 0)).toBe(1_000);
});
