import { expect, test } from "bun:test";
import { ControllerSlots, controllerAt } from "./controller_slots.ts";

test("ControllerSlots gives each Pod a machine of its own, and one that is started again its former one", () => {
  const slots = new ControllerSlots();
  const [a, b] = [{ isRunning: true }, { isRunning: true }];
  expect(slots.of("a")).toBe(0);
  slots.started("a", a);
  expect(slots.of("b")).toBe(1);
  slots.started("b", b);
  expect([slots.of("a"), slots.of("b")]).toEqual([0, 1]);
  a.isRunning = false;
  expect(slots.of("a")).toBe(0);
  expect(slots.of("c")).toBe(0);
  slots.started("c", { isRunning: true });
  expect(slots.of("a")).toBe(2);
  expect([0, 1, 2].map(controllerAt)).toEqual(["controller", "controller-2", "controller-3"]);
});
