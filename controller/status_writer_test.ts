import { describe, expect, test } from "bun:test";
import type { Decision } from "#core/service/mod.ts";
import { KubeError, type VersionedService } from "#k8s/mod.ts";
import { FakeClient, keptLog, ManualClock, settle } from "#k8s/testing/mod.ts";
import { StatusWriter } from "./status_writer.ts";
import { serviceOf } from "./testing.ts";

function start(options: { needsWrite?: boolean; addresses?: string[]; pool?: string } = {}) {
  const client = new FakeClient();
  const clock = new ManualClock();
  const log = keptLog();
  const abort = new AbortController();
  const seen = new Map<string, VersionedService>();
  const decided = new Map<string, Decision>();
  let failed = 0;
  const writer = new StatusWriter({
    client,
    clock,
    log,
    signal: abort.signal,
    services: { get: (key) => seen.get(key) },
    decision: (key) => decided.get(key),
    failed: () => failed++,
  });
  const { needsWrite = true, addresses = ["192.0.2.1"], pool = "first-pool" } = options;
  const add = (name: string, resourceVersion = "7", parts: Partial<VersionedService> = {}) => {
    const key = `default/${name}`;
    seen.set(key, serviceOf({ name, resourceVersion, ...parts }));
    decided.set(key, { service: key, addresses, pool, needsWrite, events: [], trace: [] });
    return key;
  };
  return { client, clock, log, abort, seen, decided, writer, add, failures: () => failed };
}

describe("StatusWriter", () => {
  test("writes addresses and annotation with one patch upon the version that was decided upon", async () => {
    const { client, writer, add } = start();
    writer.enqueue(add("web"));
    await settle();
    expect(client.patched).toEqual([
      {
        name: "web",
        body: {
          metadata: {
            resourceVersion: "7",
            annotations: { "metallb.io/ip-allocated-from-pool": "first-pool" },
          },
          status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
        },
      },
    ]);
    expect(writer.pending).toBe(0);
  });

  test("clearing removes ingress and annotation", async () => {
    const { client, writer, add } = start({ addresses: [] });
    const annotations = { "metallb.io/ip-allocated-from-pool": "first-pool" };
    writer.enqueue(add("web", "7", { annotations, ingress: ["192.0.2.1"] }));
    await settle();
    expect(client.patched[0]?.body).toEqual({
      metadata: { resourceVersion: "7", annotations: { "metallb.io/ip-allocated-from-pool": null } },
      status: { loadBalancer: { ingress: null } },
    });
  });

  test("what needs no write is not written, nor is a Service that is gone", async () => {
    const { client, writer, add, seen } = start({ needsWrite: false });
    writer.enqueue(add("web"));
    seen.delete(add("gone"));
    writer.enqueue("default/gone");
    await settle();
    expect(client.patched).toEqual([]);
  });

  test("after a write it waits for the watch: a copy older than the answer is not written upon", async () => {
    const { client, writer, add } = start();
    client.answerVersion = "30";
    writer.enqueue(add("web", "7"));
    await settle();
    writer.enqueue(add("web", "9"));
    await settle();
    expect(client.patched).toHaveLength(1);
    writer.enqueue(add("web", "100"));
    await settle();
    expect(client.patched).toHaveLength(2);
  });

  test("a conflict is tried again with the copy and the decision of that moment, and is no error", async () => {
    const { client, clock, writer, add, failures } = start();
    let refusals = 1;
    client.beforeWrite = () => {
      if (refusals-- > 0) throw new KubeError(409, "Conflict", "the object has been modified");
    };
    writer.enqueue(add("web", "7"));
    await settle();
    add("web", "8");
    await clock.advance(250);
    expect(client.patched.map(({ body }) => body)).toMatchObject([{ metadata: { resourceVersion: "8" } }]);
    expect(failures()).toBe(0);
  });

  test("failures are tried again with growing pauses and counted", async () => {
    const { client, clock, writer, add, failures } = start();
    let refusals = 3;
    client.beforeWrite = () => {
      if (refusals-- > 0) throw new Error("ECONNREFUSED");
    };
    writer.enqueue(add("web"));
    await clock.advance(250 + 500 + 1_000 - 1);
    expect(client.patched).toHaveLength(0);
    expect(failures()).toBe(3);
    await clock.advance(1);
    expect(client.patched).toHaveLength(1);
    expect(writer.pending).toBe(0);
  });

  test("a Service that was deleted meanwhile is let go", async () => {
    const { client, clock, writer, add } = start();
    client.beforeWrite = () => {
      throw new KubeError(404, "NotFound", 'services "web" not found');
    };
    writer.enqueue(add("web"));
    await settle();
    expect(writer.pending).toBe(0);
    expect(clock.nextMs()).toBeUndefined();
  });

  test("eight writes at a time; a decision that changes during a write is written after it", async () => {
    const { client, writer, add, decided } = start();
    const gate = Promise.withResolvers<void>();
    let underWay = 0;
    client.beforeWrite = () => {
      underWay++;
      return gate.promise;
    };
    for (let n = 0; n < 20; n++) writer.enqueue(add(`web-${n}`));
    await settle();
    expect(underWay).toBe(8);
    const first = decided.get("default/web-0");
    if (first) decided.set("default/web-0", { ...first, addresses: ["192.0.2.9"] });
    writer.enqueue("default/web-0");
    gate.resolve();
    await settle();
    const bodies = client.patched.filter(({ name }) => name === "web-0").map(({ body }) => body);
    expect(bodies).toMatchObject([
      { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } },
      { status: { loadBalancer: { ingress: [{ ip: "192.0.2.9" }] } } },
    ]);
    expect(client.patched).toHaveLength(21);
  });

  test("nothing is written after the end", async () => {
    const { client, writer, add, abort } = start();
    abort.abort();
    writer.enqueue(add("web"));
    await settle();
    expect(client.patched).toEqual([]);
  });
});
