import { describe, expect, test } from "bun:test";
import { ManualClock } from "#k8s/testing/mod.ts";
import { Conflicts } from "./conflicts.ts";

const address = "192.0.2.1";
const foreign = "02:00:00:00:00:99";

function open() {
  const clock = new ManualClock();
  let changes = 0;
  const conflicts = new Conflicts({ clock, changed: () => changes++ });
  const hear = (more: { mac?: string; phase?: "probe" | "owned" } = {}) =>
    conflicts.heard({
      type: "conflict",
      address,
      mac: foreign,
      ownMac: "02:00:00:00:00:01",
      interface: "eth0",
      phase: "owned",
      at: clock.now(),
      ...more,
    });
  return { clock, conflicts, hear, changes: () => changes };
}

describe("Conflicts", () => {
  test("one host is one conflict, from its first frame on", async () => {
    const { clock, conflicts, hear, changes } = open();
    const since = clock.now();
    expect(hear()).toBe(true);
    await clock.advance(1_000);
    expect(hear()).toBe(false);
    expect(conflicts.list()).toEqual([
      {
        address,
        mac: foreign,
        ownMac: "02:00:00:00:00:01",
        interface: "eth0",
        phase: "owned",
        since,
        lastAt: since + 1_000,
      },
    ]);
    expect(changes()).toBe(1);
  });

  test("it is over five minutes after the other host was heard last, and whoever looks is told", async () => {
    const { clock, conflicts, hear, changes } = open();
    hear();
    await clock.advance(200_000);
    hear();
    await clock.advance(299_000);
    expect(conflicts.list().length).toBe(1);
    await clock.advance(1_000);
    expect(conflicts.list()).toEqual([]);
    expect(changes()).toBe(2);
    expect(clock.nextMs()).toBeUndefined();
  });

  test("it is over when this node gives the address up", () => {
    const { conflicts, hear } = open();
    hear();
    hear({ mac: "02:00:00:00:00:98" });
    conflicts.released(address);
    expect(conflicts.list()).toEqual([]);
  });

  test("one found by a probe is over when the address is announced, one that goes on is not", () => {
    const { conflicts, hear } = open();
    hear({ phase: "probe" });
    conflicts.announced(address);
    expect(conflicts.list()).toEqual([]);
    hear();
    conflicts.announced(address);
    expect(conflicts.list().length).toBe(1);
  });

  test("a host that was found by a probe and speaks on after the announcement is news again", () => {
    const { hear } = open();
    expect(hear({ phase: "probe" })).toBe(true);
    expect(hear({ phase: "probe" })).toBe(false);
    expect(hear({ phase: "owned" })).toBe(true);
  });

  test("a host that invents MACs fills no memory", () => {
    const { conflicts, hear } = open();
    for (let index = 0; index < 1_000; index++) hear({ mac: `02:00:00:00:${index >> 8}:${index & 255}` });
    expect(conflicts.list().length).toBe(16);
  });
});
