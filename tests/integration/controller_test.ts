import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type KubeObject, resources } from "#k8s/mod.ts";
import type { SpeakerState } from "#server/mod.ts";
import { createSpeakerServer, serve } from "#server/speaker/mod.ts";
import { eventually, ownNamespace, recordVersions, TestCluster } from "./controller_support.ts";

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start();
});

afterAll(() => cluster.stop());

const annotationOf = (service: KubeObject) =>
  service.metadata.annotations?.["metallb.io/ip-allocated-from-pool"];
const fromPool = (pool: string) => ({ "metallb.io/address-pool": pool });

async function assigned(name: string, limitMs = 1_000): Promise<string> {
  return eventually(`${name} has an address`, limitMs, async () => (await cluster.addressesOf(name))[0]);
}

function slice(service: string, ready: boolean): KubeObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service}-1`,
      namespace: "default",
      labels: { "kubernetes.io/service-name": service },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.0.1"], nodeName: "node1", conditions: { ready } }],
    ports: [{ name: "http", port: 80, protocol: "TCP" }],
  };
}

describe("controller on a sandbox API", () => {
  test("a Service gets the first address within a second: status, annotation, event, one write", async () => {
    await cluster.startController();
    await cluster.pool("first-pool", ["192.168.1.240-192.168.1.250"]);
    const { resourceVersion } = await cluster.client.list(resources.services);
    const versions = recordVersions(cluster.client, resources.services, resourceVersion);
    const startedAt = performance.now();
    await cluster.service("metallb-demo");
    expect(await assigned("metallb-demo")).toBe("192.168.1.240");
    console.log(`address after ${Math.round(performance.now() - startedAt)} ms`);

    const service = await cluster.getService("metallb-demo");
    expect(annotationOf(service)).toBe("first-pool");
    const [event] = await eventually("the event", 1_000, async () => {
      const events = await cluster.eventsOf("metallb-demo");
      return events.length > 0 && events;
    });
    expect(event).toMatchObject({ type: "Normal", reason: "IPAllocated", count: 1 });
    expect(event?.message).toContain("192.168.1.240");
    await Bun.sleep(500);
    await versions.stop();
    expect(versions.of("metallb-demo")).toEqual(["ADDED", "MODIFIED"]);
  });

  test("the pool's status and the metrics say what is in use", async () => {
    const pool = await eventually("the pool's status", 2_000, async () => {
      const object = await cluster.client.get(resources.ipAddressPools, "first-pool", ownNamespace);
      return object.status !== undefined && object;
    });
    expect(pool.status).toEqual({
      assignedIPv4: 1,
      assignedIPv6: 0,
      availableIPv4: 10,
      availableIPv6: 0,
      conditions: [expect.objectContaining({ type: "Exhausted", status: "False" })],
    });
    const label = '{pool="first-pool"}';
    expect(await cluster.metric("metallb_allocator_addresses_total")).toEqual({ [label]: 11 });
    expect(await cluster.metric("metallb_allocator_addresses_in_use_total")).toEqual({ [label]: 1 });
    expect(await cluster.metric("metallb_allocator_ip_addresses_in_use_total")).toEqual({
      '{pool="first-pool",namespace="default",service="metallb-demo"}': 1,
    });
    expect(await cluster.metric("metallb_k8s_client_config_loaded_bool")).toEqual({ "": 1 });
    expect(await cluster.metric("metallb_k8s_client_config_stale_bool")).toEqual({ "": 0 });
  });

  test("ten seconds of steady state with endpoint churn write nothing and tell nothing", async () => {
    await cluster.client.create(resources.endpointSlices, slice("metallb-demo", true));
    await Bun.sleep(1_500);
    const { resourceVersion } = await cluster.client.list(resources.services);
    const services = recordVersions(cluster.client, resources.services, resourceVersion);
    const pools = recordVersions(cluster.client, resources.ipAddressPools, resourceVersion);
    const events = recordVersions(cluster.client, resources.events, resourceVersion);
    const until = performance.now() + 10_000;
    for (let n = 0; performance.now() < until; n++) {
      await cluster.client.patch(
        resources.endpointSlices,
        { name: "metallb-demo-1", namespace: "default" },
        "merge",
        { endpoints: slice("metallb-demo", n % 2 === 0).endpoints },
      );
      await Bun.sleep(100);
    }
    const written = [services.all(), pools.all(), events.all()];
    await Promise.all([services.stop(), pools.stop(), events.stop()]);
    expect(written).toEqual([0, 0, 0]);
  }, 20_000);

  test("a restart adopts what Services hold without a write, also beside an older one that waits", async () => {
    await cluster.service("second");
    const second = await assigned("second");
    await cluster.stopController();
    await cluster.service("newcomer");
    const { resourceVersion } = await cluster.client.list(resources.services);
    const versions = recordVersions(cluster.client, resources.services, resourceVersion);
    await cluster.startController();
    const newcomer = await assigned("newcomer", 2_000);
    await Bun.sleep(500);
    await versions.stop();
    expect(await cluster.addressesOf("metallb-demo")).toEqual(["192.168.1.240"]);
    expect(await cluster.addressesOf("second")).toEqual([second]);
    expect(["192.168.1.240", second]).not.toContain(newcomer);
    expect(versions.of("metallb-demo")).toEqual([]);
    expect(versions.of("second")).toEqual([]);
    expect(versions.of("newcomer")).toEqual(["MODIFIED"]);
    expect(await cluster.eventsOf("metallb-demo")).toHaveLength(1);
  });

  test("an exhausted pool says so; a deletion frees its address for the oldest that waits", async () => {
    await cluster.pool("tiny", ["192.168.7.1/32"], { autoAssign: false });
    await cluster.service("holder", fromPool("tiny"));
    expect(await assigned("holder")).toBe("192.168.7.1");
    await cluster.service("older", fromPool("tiny"));
    await Bun.sleep(1_100);
    await cluster.service("younger", fromPool("tiny"));
    const [failed] = await eventually("the event", 1_000, async () => {
      const events = await cluster.eventsOf("younger");
      return events.length > 0 && events;
    });
    expect(failed).toMatchObject({ type: "Warning", reason: "AllocationFailed" });
    expect(failed?.message).toContain('pool "tiny" has no free IPv4 address: 1 of 1 are in use');
    expect((await cluster.metric("metallb_controller_services_pending"))[""]).toBe(2);

    await cluster.client.remove(resources.services, "holder", "default");
    expect(await assigned("older")).toBe("192.168.7.1");
    expect(await cluster.addressesOf("younger")).toEqual([]);
  });

  test("a change of type frees the address and takes the annotation away", async () => {
    const target = { name: "older", namespace: "default" };
    await cluster.client.patch(resources.services, target, "merge", { spec: { type: "ClusterIP" } });
    expect(await assigned("younger")).toBe("192.168.7.1");
    const older = await eventually("the annotation is gone", 1_000, async () => {
      const service = await cluster.getService("older");
      return annotationOf(service) === undefined && service;
    });
    expect((older.status as { loadBalancer?: { ingress?: unknown } }).loadBalancer?.ingress).toBeUndefined();
  });

  test("a malformed range and an overlap are rejected alone, in words, and put right by an edit", async () => {
    await cluster.pool("malformed", ["192.168.9.10-192.168.9.500"]);
    await cluster.pool("overlap", ["192.168.1.245-192.168.1.255"]);
    const wordsOf = (name: string) =>
      eventually(`the event of ${name}`, 1_000, async () => (await cluster.eventsOf(name))[0]);
    const malformed = await wordsOf("malformed");
    expect(malformed).toMatchObject({ type: "Warning", reason: "ConfigurationRejected" });
    expect(malformed.message).toContain("192.168.9.500");
    const overlap = await wordsOf("overlap");
    expect(overlap.message).toContain("first-pool");
    expect((await cluster.metric("metallb_k8s_client_config_stale_bool"))[""]).toBe(1);
    expect(await cluster.metric("metallb_controller_config_rejected")).toEqual({
      '{kind="IPAddressPool"}': 2,
    });

    await cluster.service("unharmed");
    expect(await assigned("unharmed")).toStartWith("192.168.1.24");

    const target = { name: "malformed", namespace: ownNamespace };
    const spec = { addresses: ["192.168.9.10-192.168.9.50"] };
    await cluster.client.patch(resources.ipAddressPools, target, "merge", { spec });
    await cluster.service("from-mended", fromPool("malformed"));
    expect(await assigned("from-mended")).toBe("192.168.9.10");
    await cluster.client.remove(resources.ipAddressPools, "overlap", ownNamespace);
    await eventually("nothing is rejected", 1_000, async () => {
      return (await cluster.metric("metallb_k8s_client_config_stale_bool"))[""] === 0;
    });
  });

  test("a Service that asks for an address outside every pool is told which ranges there are", async () => {
    await cluster.service("astray", { "metallb.io/loadBalancerIPs": "10.99.99.99" });
    const [event] = await eventually("the event", 1_000, async () => {
      const events = await cluster.eventsOf("astray");
      return events.length > 0 && events;
    });
    expect(event?.reason).toBe("AllocationFailed");
    expect(event?.message).toContain("10.99.99.99");
    expect(event?.message).toContain("192.168.1.240");
  });

  test("an API server that restarts is found again, and nothing is lost", async () => {
    const before = await cluster.addressesOf("metallb-demo");
    // The console remembers a good token for some seconds, which it needs while it cannot ask.
    await cluster.console("overview");
    await cluster.restartApi(async () => {
      await eventually("the console says so", 9_000, async () => {
        const { api } = await cluster.console<{ api: { connected: boolean } }>("overview");
        return !api.connected;
      }).catch(() => {
        throw new Error("the console does not say that the API is away");
      });
    });
    await cluster.service("after-restart");
    await assigned("after-restart", 5_000);
    expect(await cluster.addressesOf("metallb-demo")).toEqual(before);
  }, 20_000);

  test("410: when the watch window has passed, it lists anew and misses nothing", async () => {
    const lists = async () => {
      const calls = await cluster.metric("metallb_k8s_client_api_duration_seconds_count");
      return calls['{verb="LIST",resource="services",code="200"}'];
    };
    expect(await lists()).toBe(1);
    await cluster.restartApi(async () => {
      const { client } = cluster.api;
      await client.remove(resources.services, "unharmed", "default");
      // More changes of Services than any watch may resume over.
      for (let n = 0; n < 31_000; n++) {
        await client.patch(resources.services, { name: "second", namespace: "default" }, "merge", {
          metadata: { labels: { n: String(n) } },
        });
      }
    });
    await eventually("the freed address is counted", 10_000, async () => {
      const used = await cluster.metric("metallb_allocator_ip_addresses_in_use_total");
      return !Object.keys(used).some((labels) => labels.includes('service="unharmed"'));
    });
    expect(await lists()).toBe(2);
    await cluster.service("after-gone");
    await assigned("after-gone", 2_000);
  }, 60_000);

  test("a speaker is followed: what it announces is shown at once, and its silence within two seconds", async () => {
    const [address] = await cluster.addressesOf("metallb-demo");
    let state = speakerState(address ?? "");
    let wake = Promise.withResolvers<void>();
    const app = createSpeakerServer({
      state: () => state,
      waitForChange: async (_after, timeoutMs) => {
        await Promise.race([wake.promise, Bun.sleep(timeoutMs)]);
      },
      auth: { authenticate: async () => ({ username: "controller", groups: [] }) },
      metrics: { contentType: () => "text/plain", render: async () => "" },
    });
    const speaker = await serve(app, { hostname: "127.0.7.1", port: 7472 });
    const { client } = cluster;
    const pod = await client.create(resources.pods, speakerPod());
    await client.patch(
      resources.pods,
      { name: pod.metadata.name, namespace: ownNamespace, subresource: "status" },
      "merge",
      { status: { podIP: "127.0.7.1", phase: "Running" } },
    );
    type Rows = { rows: { leaders: { node: string }[]; address: string }[] };
    const leaders = async () => {
      const { rows } = await cluster.console<Rows>(`layer2?search=${address}`);
      return rows.find((row) => row.address === address)?.leaders.map(({ node }) => node) ?? [];
    };
    await eventually("the leader is shown", 2_000, async () => (await leaders()).length === 1);
    expect(await leaders()).toEqual(["node1"]);

    state = { ...state, version: 2, announcements: [] };
    wake.resolve();
    wake = Promise.withResolvers();
    await eventually("the withdrawal is shown", 500, async () => (await leaders()).length === 0);

    await speaker.stop();
    type Speakers = { node: string; answers: boolean; error?: string }[];
    const row = await eventually("the silence is shown", 2_000, async () => {
      const rows = await cluster.console<Speakers>("speakers");
      return rows.find(({ answers, error }) => !answers && error?.includes("refused"));
    });
    expect(row).toMatchObject({ node: "node1" });
    expect(row.error).toContain("127.0.7.1 port 7472");
    await client.remove(resources.pods, pod.metadata.name, ownNamespace);
    await eventually(
      "it is forgotten",
      1_000,
      async () => (await cluster.console<Speakers>("speakers")).length === 0,
    );
  }, 20_000);

  test("stopping leaves every Service as it is", async () => {
    const { items, resourceVersion } = await cluster.client.list(resources.services);
    await cluster.stopController();
    await Bun.sleep(200);
    const after = await cluster.client.list(resources.services);
    expect(after.items).toEqual(items);
    expect(Number(after.resourceVersion)).toBeGreaterThanOrEqual(Number(resourceVersion));
  });
});

function speakerPod(): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "speaker-node1",
      namespace: ownNamespace,
      labels: { app: "metallb", component: "speaker" },
    },
    spec: { nodeName: "node1", containers: [{ name: "speaker", image: "metallb" }] },
  };
}

function speakerState(address: string): SpeakerState {
  return {
    version: 1,
    node: "node1",
    pod: "speaker-node1",
    build: "test",
    startedAt: Date.now(),
    recordOnly: false,
    announcements: [
      {
        address,
        services: ["default/metallb-demo"],
        protocol: "layer2",
        interfaces: [{ name: "eth0", mac: "02:00:00:00:00:01" }],
        since: Date.now(),
        requests: 0,
        responses: 0,
        gratuitous: 1,
      },
    ],
    routes: [],
    sessions: [],
    members: [],
    moves: [],
    issues: [],
  };
}
