import { describe, expect, test } from "bun:test";
import { EventRecorder } from "./events.ts";
import { FakeClient, keptLog, ManualClock } from "./testing/mod.ts";
import { KubeError } from "./types.ts";

const service = { apiVersion: "v1", kind: "Service", namespace: "shop", name: "web", uid: "u1" };

function start() {
  const client = new FakeClient();
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const log = keptLog();
  const recorder = new EventRecorder(client, { component: "metallb-controller", log, clock });
  return { client, clock, log, recorder };
}

describe("EventRecorder", () => {
  test("writes the fields that kubectl describe and MetalLB's tests read", async () => {
    const { client, recorder } = start();
    recorder.record(service, "Normal", "IPAllocated", 'Assigned IP ["192.168.1.240"]');
    await recorder.flush();
    expect(client.created).toHaveLength(1);
    expect(client.created[0]).toMatchObject({
      kind: "Event",
      metadata: { namespace: "shop" },
      involvedObject: service,
      type: "Normal",
      reason: "IPAllocated",
      message: 'Assigned IP ["192.168.1.240"]',
      source: { component: "metallb-controller" },
      count: 1,
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:00Z",
    });
    expect(client.created[0]?.metadata.name).toMatch(/^web\.[0-9a-f]+$/);
  });

  test("alike events raise the count of the first", async () => {
    const { client, clock, recorder } = start();
    recorder.record(service, "Warning", "AllocationFailed", "no pool");
    await recorder.flush();
    await clock.advance(5_000);
    recorder.record(service, "Warning", "AllocationFailed", "no pool");
    recorder.record(service, "Warning", "AllocationFailed", "no pool");
    await recorder.flush();
    expect(client.created).toHaveLength(1);
    expect(client.patched.at(-1)).toEqual({
      name: client.created[0]?.metadata.name ?? "",
      body: { count: 3, lastTimestamp: "2026-01-01T00:00:05Z" },
    });
  });

  test("alike events during the first write wait for it: one object, counts in order", async () => {
    const { client, recorder } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    client.beforeWrite = () => promise;
    for (let n = 0; n < 5; n++) recorder.record(service, "Warning", "AllocationFailed", "no pool");
    resolve();
    await recorder.flush();
    expect(client.created).toHaveLength(1);
    expect(client.patched.map(({ body }) => body)).toMatchObject([{ count: 5 }]);
  });

  test("an event that the server has forgotten is written anew, and so is one older than an hour", async () => {
    const { client, clock, recorder } = start();
    recorder.record(service, "Normal", "IPAllocated", "x");
    await recorder.flush();
    let refusals = 1;
    client.beforeWrite = () => {
      if (refusals-- > 0) throw new KubeError(404, "NotFound", "events not found");
    };
    recorder.record(service, "Normal", "IPAllocated", "x");
    await recorder.flush();
    expect(client.created.map((event) => event.count)).toEqual([1, 2]);
    await clock.advance(3_600_001);
    recorder.record(service, "Normal", "IPAllocated", "x");
    await recorder.flush();
    expect(client.created.map((event) => event.count)).toEqual([1, 2, 1]);
  });

  test("one object may tell 25 things at once, then one in five minutes; others are not held back", async () => {
    const { client, clock, recorder } = start();
    for (let n = 0; n < 100; n++) recorder.record(service, "Warning", "AllocationFailed", `reason ${n}`);
    recorder.record({ ...service, name: "other" }, "Normal", "IPAllocated", "x");
    await recorder.flush();
    expect(client.created).toHaveLength(26);
    await clock.advance(300_000);
    for (let n = 0; n < 10; n++) recorder.record(service, "Warning", "AllocationFailed", `later ${n}`);
    await recorder.flush();
    expect(client.created).toHaveLength(27);
  });

  test("what nobody told for long is forgotten, and the limit of what was told little with it", async () => {
    const { recorder, clock, client } = start();
    for (let n = 0; n < 100; n++) recorder.record({ ...service, name: `s${n}` }, "Normal", "Told", "once");
    await recorder.flush();
    expect(recorder.remembered).toEqual({ events: 100, limits: 100 });
    await clock.advance(3_600_001);
    recorder.record({ ...service, name: "late" }, "Normal", "Told", "once");
    await recorder.flush();
    expect(recorder.remembered).toEqual({ events: 1, limits: 1 });
    expect(client.created).toHaveLength(101);
  });

  test("a refused event is a line in the log, never a rejection", async () => {
    const { client, log, recorder } = start();
    client.beforeWrite = () => {
      throw new KubeError(403, "Forbidden", "events is forbidden");
    };
    recorder.record(service, "Normal", "IPAllocated", "x");
    await recorder.flush();
    expect(log.lines.join()).toContain("events is forbidden");
  });

  test("the queue is bounded: what a silent server leaves over is dropped and said once", async () => {
    const { client, log, recorder } = start();
    const { promise, resolve } = Promise.withResolvers<void>();
    client.beforeWrite = () => promise;
    for (let n = 0; n < 12_000; n++) {
      recorder.record({ ...service, name: `web-${n}` }, "Normal", "IPAllocated", "x");
    }
    resolve();
    await recorder.flush();
    expect(client.created).toHaveLength(10_004);
    expect(log.lines.filter((line) => line.includes("event queue is full"))).toHaveLength(1);
  });

  test("a name stays within 253 characters, and an object without a namespace goes to default", async () => {
    const { client, recorder } = start();
    recorder.record({ apiVersion: "v1", kind: "Node", name: "n".repeat(253) }, "Normal", "x", "y");
    await recorder.flush();
    const { metadata } = client.created[0] ?? { metadata: { name: "" } };
    expect(metadata.name.length).toBeLessThanOrEqual(253);
    expect(metadata.namespace).toBe("default");
  });
});
