import { describe, expect, test } from "bun:test";
import type { PoolUse } from "#core/ipam/mod.ts";
import type { ConfigObject } from "#k8s/mod.ts";
import { FakeClient, keptLog, ManualClock } from "#k8s/testing/mod.ts";
import { PoolStatusWriter } from "./pool_status.ts";
import { type PoolStatus, poolStatus, replacing } from "./pool_status_fields.ts";
import { configOf } from "./testing.ts";

function use(total: bigint, used: number): PoolUse {
  const pool = { name: "first-pool", labels: {}, ranges: [], autoAssign: true, avoidBuggyIPs: false };
  const zero = { ipv4: 0, ipv6: 0 };
  return {
    pool,
    total: { ipv4: total, ipv6: 0n },
    used: { ipv4: used, ipv6: 0 },
    reserved: zero,
    cooling: zero,
    excluded: { ipv4: 0n, ipv6: 0n },
    kept: zero,
    services: used,
    quotas: [],
  };
}

function start(stored: unknown) {
  const client = new FakeClient();
  const clock = new ManualClock();
  const objects: ConfigObject[] = [configOf("IPAddressPool", "first-pool", {}, stored)];
  let now = use(11n, 1);
  const recorded: { text: string | undefined } = { text: undefined };
  const writer = new PoolStatusWriter({
    client,
    clock,
    log: keptLog(),
    signal: new AbortController().signal,
    pools: { values: () => objects.values() },
    recorded: () => recorded.text,
    allocator: { poolUse: (name) => (name === "first-pool" ? now : undefined) },
  });
  return { client, clock, writer, objects, recorded, set: (next: PoolUse) => (now = next) };
}

describe("PoolStatusWriter", () => {
  test("many changes become one write of the last counters", async () => {
    const { client, clock, writer, set } = start(undefined);
    writer.mark();
    await clock.advance(300);
    set(use(11n, 4));
    writer.mark();
    await clock.advance(200);
    const status = { assignedIPv4: 4, assignedIPv6: 0, availableIPv4: 7, availableIPv6: 0 };
    expect(client.patched).toHaveLength(1);
    expect(client.patched[0]).toMatchObject({ name: "first-pool", body: { status } });
    expect(clock.nextMs()).toBeUndefined();
  });

  test("reservations of Services are written into the annotation, and removed from it, once", async () => {
    const { client, clock, writer, objects, recorded } = start(poolStatus(use(11n, 1), undefined, 0));
    const name = "metallb.io/reserved-by-services";
    recorded.text = "default/db=10.0.0.1";
    writer.mark();
    await clock.advance(500);
    expect(client.patched).toEqual([
      { name: "first-pool", body: { metadata: { annotations: { [name]: "default/db=10.0.0.1" } } } },
    ]);
    const [object] = objects;
    if (!object) throw new Error("no pool");
    objects[0] = {
      ...object,
      metadata: { ...object.metadata, annotations: { [name]: "default/db=10.0.0.1" } },
    };
    writer.mark();
    await clock.advance(500);
    expect(client.patched).toHaveLength(1);
    recorded.text = undefined;
    writer.mark();
    await clock.advance(500);
    expect(client.patched[1]?.body).toEqual({ metadata: { annotations: { [name]: null } } });
  });

  test("what is stored already is not written", async () => {
    const { client, clock, writer } = start(poolStatus(use(11n, 1), undefined, 0));
    writer.mark();
    await clock.advance(10_000);
    expect(client.patched).toEqual([]);
  });

  test("a failed write is tried again, one that comes during a write follows it", async () => {
    const { client, clock, writer, set } = start(undefined);
    let refusals = 2;
    client.beforeWrite = () => {
      if (refusals-- > 0) throw new Error("ECONNREFUSED");
      set(use(11n, 9));
      writer.mark();
      client.beforeWrite = () => {};
    };
    writer.mark();
    await clock.advance(500 + 500 + 500 + 500);
    expect(client.patched.map(({ body }) => body)).toMatchObject([
      { status: { assignedIPv4: 1 } },
      { status: { assignedIPv4: 9 } },
    ]);
  });
});

describe("poolStatus()", () => {
  const at = (seconds: number) => seconds * 1000;

  test("stops at the largest number that JSON readers agree upon", () => {
    expect(poolStatus(use(1n << 64n, 5), undefined, 0)).toMatchObject({
      assignedIPv4: 5,
      availableIPv4: Number.MAX_SAFE_INTEGER,
    });
  });

  test("turns Exhausted when the last address goes, and keeps its time while it stays so", () => {
    const free = poolStatus(use(2n, 1), undefined, at(1));
    expect(free.conditions).toEqual([
      {
        type: "Exhausted",
        status: "False",
        reason: "AddressesFree",
        message: "addresses are free",
        lastTransitionTime: "1970-01-01T00:00:01Z",
      },
    ]);
    expect(poolStatus(use(2n, 0), free, at(2)).conditions).toEqual(free.conditions);
    const full = poolStatus(use(2n, 2), free, at(3));
    expect(full.conditions[0]).toMatchObject({
      status: "True",
      message: "no IPv4 address is free",
      lastTransitionTime: "1970-01-01T00:00:03Z",
    });
    expect(poolStatus(use(2n, 2), full, at(9))).toEqual(full);
  });

  test("counts addresses kept from others as not available, and lists them by cause", () => {
    const counted = { ...use(11n, 4), reserved: { ipv4: 2, ipv6: 0 }, cooling: { ipv4: 5, ipv6: 0 } };
    const quotas = [
      { namespace: "shop", held: 3, limit: 3 },
      { namespace: "web", held: 1, limit: Number.POSITIVE_INFINITY },
    ];
    expect(poolStatus({ ...counted, quotas }, undefined, 0)).toMatchObject({
      availableIPv4: 0,
      conditions: [{ status: "True" }],
      withheld: { reservedIPv4: 2, coolingIPv4: 5 },
      quotas: [
        { namespace: "shop", assigned: 3, limit: 3 },
        { namespace: "web", assigned: 1 },
      ],
    });
  });

  test("a patch takes away what is no longer to be said", () => {
    const before = poolStatus({ ...use(11n, 4), cooling: { ipv4: 5, ipv6: 0 } }, undefined, 0);
    expect(replacing(before, poolStatus(use(11n, 4), before, 0))).toMatchObject({ withheld: null });
    const reserved = poolStatus(
      { ...use(11n, 4), reserved: { ipv4: 1, ipv6: 0 } },
      before,
      0,
    ) satisfies PoolStatus;
    expect(replacing(before, reserved).withheld).toEqual({ coolingIPv4: null, reservedIPv4: 1 });
  });
});
