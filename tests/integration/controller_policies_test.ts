import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import type { PoolDetail, ServiceDetail } from "#server/mod.ts";
import { eventually, ownNamespace, recordVersions, TestCluster } from "./controller_support.ts";

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start();
  await cluster.startController();
});

afterAll(() => cluster.stop());

const named = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`metallb.io/${key}`, value]));

/** Created with its annotations, and in force when this returns: pools and Services arrive by two watches. */
async function pool(name: string, addresses: string[], annotations: Record<string, string>): Promise<void> {
  await cluster.client.create(resources.ipAddressPools, {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace: ownNamespace, annotations: named(annotations) },
    spec: { addresses, autoAssign: false },
  });
  await eventually(`pool ${name} is in force`, 1_000, () => cells(name).catch(() => undefined));
}

function annotate(name: string, annotations: Record<string, string>) {
  const body = { metadata: { annotations: named(annotations) } };
  return cluster.client.patch(resources.ipAddressPools, { name, namespace: ownNamespace }, "merge", body);
}

const service = (name: string, poolName: string, more: Record<string, string> = {}) =>
  cluster.service(name, { "metallb.io/address-pool": poolName, ...more });

const remove = (name: string) => cluster.client.remove(resources.services, name, "default");

function assigned(name: string, limitMs = 1_000): Promise<string> {
  return eventually(`${name} has an address`, limitMs, async () => (await cluster.addressesOf(name))[0]);
}

function said(name: string, words: string): Promise<string> {
  return eventually(`an event of ${name} says ${words}`, 1_000, async () => {
    const events = await cluster.eventsOf(name);
    return events.find(({ message }) => message.includes(words))?.message;
  });
}

const detail = (name: string) => cluster.console<ServiceDetail>(`services/default/${name}`);
const cells = async (name: string) => (await cluster.console<PoolDetail>(`pools/${name}`)).cells;

async function poolAnnotation(name: string, key: string): Promise<string | undefined> {
  const { metadata } = await cluster.client.get(resources.ipAddressPools, name, ownNamespace);
  return metadata.annotations?.[`metallb.io/${key}`];
}

describe("pool policies on a sandbox API", () => {
  test("cool-down: who waits is served when it ends, and not before", async () => {
    await pool("cool", ["10.1.0.1/32"], { "reuse-after": "1500ms" });
    await service("cool-a", "cool");
    await assigned("cool-a");
    await service("cool-b", "cool");
    await said("cool-b", "has no free IPv4 address");
    await remove("cool-a");
    const freedAt = performance.now();
    await eventually("the map shows it", 1_000, async () => (await cells("cool"))[0]?.state === "cooling");
    expect(await cluster.metric("metallb_allocator_addresses_cooling")).toMatchObject({ '{pool="cool"}': 1 });
    expect(await cluster.addressesOf("cool-b")).toEqual([]);
    expect(await assigned("cool-b", 3_000)).toBe("10.1.0.1");
    const waitedMs = performance.now() - freedAt;
    console.log(`served ${Math.round(waitedMs)} ms after it was freed, of 1500`);
    expect(waitedMs).toBeGreaterThan(1_400);
    expect(waitedMs).toBeLessThan(2_000);
  });

  test("a reservation holds over deletion and re-creation, and while the controller is away", async () => {
    await pool("kept", ["10.2.0.1-10.2.0.2"], { reservations: "default/db=10.2.0.2" });
    await service("db", "kept");
    expect(await assigned("db")).toBe("10.2.0.2");
    await remove("db");
    await service("other", "kept");
    expect(await assigned("other")).toBe("10.2.0.1");
    await service("third", "kept");
    await said("third", "1 are reserved for other Services");
    await cluster.stopController();
    await cluster.startController();
    await service("db", "kept");
    expect(await assigned("db", 3_000)).toBe("10.2.0.2");
    expect(await cluster.addressesOf("third")).toEqual([]);
  });

  test("a Service that asks for it keeps its address by name: one write of the pool, which outlives a restart", async () => {
    await pool("own", ["10.3.0.1-10.3.0.2"], {});
    const { resourceVersion } = await cluster.client.list(resources.ipAddressPools);
    const versions = recordVersions(cluster.client, resources.ipAddressPools, resourceVersion);
    await service("mine", "own", { "metallb.io/reserve": "true" });
    expect(await assigned("mine")).toBe("10.3.0.1");
    await eventually("it is written down", 2_000, async () => {
      return (await poolAnnotation("own", "reserved-by-services")) === "default/mine=10.3.0.1";
    });
    await Bun.sleep(1_200);
    await versions.stop();
    // The annotation, and the counters before and after where the machine is slow.
    const writes = versions.of("own").length;
    expect([2, 3]).toContain(writes);
    await cluster.stopController();
    await remove("mine");
    await service("theirs", "own");
    await cluster.startController();
    expect(await assigned("theirs", 3_000)).toBe("10.3.0.2");
    expect((await cells("own"))[0]).toMatchObject({
      state: "reserved",
      reservedFor: [{ namespace: "default", name: "mine" }],
    });
    await service("mine", "own");
    expect(await assigned("mine")).toBe("10.3.0.1");
    await eventually("it is crossed out", 2_000, async () => {
      return (await poolAnnotation("own", "reserved-by-services")) === undefined;
    });
  });

  test("keep: a pool that shrinks leaves its Services served and marked, once, over a restart and its own deletion", async () => {
    await pool("shrinks", ["10.4.0.1-10.4.0.2"], { "on-removal": "keep" });
    await service("first", "shrinks");
    await assigned("first");
    await service("second", "shrinks");
    expect(await assigned("second")).toBe("10.4.0.2");
    const target = { name: "shrinks", namespace: ownNamespace };
    const spec = { addresses: ["10.4.0.1/32"] };
    await cluster.client.patch(resources.ipAddressPools, target, "merge", { spec });
    await said("second", 'is in pool "shrinks" no more');
    expect(await cluster.addressesOf("second")).toEqual(["10.4.0.2"]);
    const { holders } = await cluster.console<PoolDetail>("pools/shrinks");
    expect(holders.map(({ address, kept }) => [address, kept])).toEqual([
      ["10.4.0.1", undefined],
      ["10.4.0.2", "outside"],
    ]);

    await cluster.stopController();
    await cluster.client.remove(resources.ipAddressPools, "shrinks", ownNamespace);
    await cluster.startController();
    await service("probe", "cool");
    await said("probe", "has no free IPv4 address");
    for (const [name, address] of [
      ["first", "10.4.0.1"],
      ["second", "10.4.0.2"],
    ] as const) {
      expect(await cluster.addressesOf(name)).toEqual([address]);
      const { trace } = await detail(name);
      expect(trace.map(({ why }) => why.code)).toContain("address.kept-removed");
    }
    const told = (await cluster.eventsOf("second")).filter(({ reason }) => reason === "AddressKept");
    expect(told.map(({ count }) => count)).toEqual([1]);
  });

  test("quota: the refusal names it, and who holds how many", async () => {
    await pool("small", ["10.5.0.0/28"], { "quota-per-namespace": "default=1,*=5" });
    await service("in-quota", "small");
    await assigned("in-quota");
    await service("beyond", "small");
    expect(await said("beyond", "quota")).toContain(
      'namespace "default" has used up its quota in pool "small": it holds 1 of at most 1 (metallb.io/quota-per-namespace)',
    );
    await remove("in-quota");
    expect(await assigned("beyond")).toBe("10.5.0.0");
  });

  test("exclusions: no part of the counters, never given, and a bad one rejects the edit", async () => {
    await pool("holes", ["10.6.0.0/29"], { "exclude-addresses": "10.6.0.0,10.6.0.7" });
    await service("after-hole", "holes");
    expect(await assigned("after-hole")).toBe("10.6.0.1");
    await eventually("the counters", 2_000, async () => {
      const object = await cluster.client.get(resources.ipAddressPools, "holes", ownNamespace);
      const status = object.status as { availableIPv4?: number } | undefined;
      return status?.availableIPv4 === 5;
    });
    await annotate("holes", { "exclude-addresses": "10.7.0.1" });
    await eventually("the rejection", 1_000, async () => {
      const [event] = (await cluster.eventsOf("holes")).filter(
        ({ reason }) => reason === "ConfigurationRejected",
      );
      return event?.message.includes("has no address of the pool (10.6.0.0/29)");
    });
    expect(await cluster.addressesOf("after-hole")).toEqual(["10.6.0.1"]);
  });

  test("story 24: all pools vanish, and every Service keeps its address until they are back", async () => {
    const { items } = await cluster.client.list(resources.ipAddressPools);
    const before = await Promise.all(
      ["db", "other", "mine", "beyond"].map((name) => cluster.addressesOf(name)),
    );
    expect(before.flat()).toHaveLength(4);
    for (const { metadata } of items) {
      await cluster.client.remove(resources.ipAddressPools, metadata.name, ownNamespace);
    }
    await eventually("the alarm", 1_000, async () => {
      return Object.values(await cluster.metric("metallb_allocator_holding_bool"))[0] === 1;
    });
    await eventually("the event", 1_000, async () => {
      const events = await cluster.eventsOf(ownNamespace);
      return events.some(({ reason }) => reason === "AllPoolsVanished");
    });
    await cluster.stopController();
    await cluster.startController();
    await eventually("the alarm after a restart", 3_000, async () => {
      return Object.values(await cluster.metric("metallb_allocator_holding_bool"))[0] === 1;
    });
    for (const { metadata, spec, apiVersion, kind } of items) {
      const { name, annotations } = metadata;
      await cluster.client.create(resources.ipAddressPools, {
        apiVersion: String(apiVersion),
        kind: String(kind),
        metadata: { name, namespace: ownNamespace, ...(annotations && { annotations }) },
        spec,
      });
    }
    await eventually("the end of the alarm", 1_000, async () => {
      return Object.values(await cluster.metric("metallb_allocator_holding_bool"))[0] === 0;
    });
    await Bun.sleep(300);
    const after = await Promise.all(
      ["db", "other", "mine", "beyond"].map((name) => cluster.addressesOf(name)),
    );
    expect(after).toEqual(before);
  }, 10_000);
});
