/** Two replicas of the controller in this process on one sandbox API: who leads, and what the other one does meanwhile. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type RunningController, runController } from "#controller/mod.ts";
import { connectKubernetes, type KubeClient, resources } from "#k8s/mod.ts";
import type { LeadershipView, Overview, ServiceDetail } from "#server/ports.ts";
import { eventually, ownNamespace, TestCluster } from "./controller_support.ts";

const leaseMs = 3_000;
/** A lease, and what a loaded machine adds. */
const takeoverMs = leaseMs * 3 + 5_000;

let cluster: TestCluster;
let replicas: RunningController[] = [];

beforeEach(async () => {
  cluster = await TestCluster.start();
  await cluster.pool("pool", ["192.0.2.1-192.0.2.9"]);
});

afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  replicas = [];
  await cluster.stop();
});

async function replica(podName: string, connect = connectKubernetes) {
  const running = await runController(
    {
      kubeconfig: cluster.kubeconfig,
      namespace: ownNamespace,
      hostname: "127.0.0.1",
      port: 0,
      podName,
      loadBalancerClass: "",
      leaderElection: { leaseMs },
      logLevel: (process.env.MLBT_LOG as "debug" | undefined) ?? "none",
      version: "test",
    },
    { connect },
  );
  replicas.push(running);
  return running;
}

function from<T>({ port }: RunningController, path: string): Promise<T> {
  return cluster.console(path, port);
}

async function leadershipOf(running: RunningController): Promise<LeadershipView> {
  const { leadership } = await from<Overview>(running, "overview");
  if (!leadership) throw new Error("The overview does not say who leads");
  return leadership;
}

const leads = (running: RunningController, limitMs = 3_000) =>
  eventually("it leads", limitMs, async () => (await leadershipOf(running)).role === "leader");
const assigned = (name: string, limitMs = 3_000) =>
  eventually(`${name} has an address`, limitMs, async () => (await cluster.addressesOf(name))[0]);
const leaderMetric = async ({ port }: RunningController) =>
  (await cluster.metric("metallb_controller_leader", port))[""];

/** Watches that stand and never tell of one Service, as one that is late does. Those that are opened later tell all. */
function deafening() {
  const open = new Set<{ deafTo?: string }>();
  const connect: typeof connectKubernetes = async (options) => {
    const connection = await connectKubernetes(options);
    const { client } = connection;
    const watch: KubeClient["watch"] = async function* (resource, version, given) {
      const stream: { deafTo?: string } = {};
      open.add(stream);
      for await (const event of client.watch(resource, version, given)) {
        if (resource.plural === "services" && event.object.metadata.name === stream.deafTo) continue;
        yield event;
      }
    };
    const wrapped = new Proxy(client, {
      get: (target, name) =>
        name === "watch"
          ? watch
          : (Reflect.get(target, name, target)?.bind?.(target) ?? Reflect.get(target, name)),
    });
    return { ...connection, client: wrapped };
  };
  return {
    connect,
    deafen(service: string) {
      for (const stream of open) stream.deafTo = service;
    },
  };
}

describe("two controllers", () => {
  test("one leads; the other follows, shows everything and says whose pages these are", async () => {
    const first = await replica("controller-a");
    await leads(first);
    await cluster.service("web");
    const address = await assigned("web");
    const second = await replica("controller-b");
    await eventually("the standby shows what the leader gave", 3_000, async () => {
      const web = await from<ServiceDetail>(second, "services/default/web").catch(() => undefined);
      return web?.addresses[0] === address && web.pool === "pool";
    });
    expect(await leadershipOf(second)).toMatchObject({
      role: "standby",
      self: "controller-b",
      leader: "controller-a",
    });
    expect([await leaderMetric(first), await leaderMetric(second)]).toEqual([1, 0]);
    const { pools } = await from<Overview>(second, "overview");
    expect(pools[0]?.ipv4).toMatchObject({ used: 1 });
    // It foresees why a Service waits, by its own book.
    await cluster.service("astray", { "metallb.io/loadBalancerIPs": "198.51.100.9" });
    const pending = await eventually("the standby says why it waits", 3_000, async () => {
      const astray = await from<ServiceDetail>(second, "services/default/astray").catch(() => undefined);
      return astray?.pending?.code;
    });
    expect(pending).toBe("address.outside-pools");
  }, 20_000);

  test("a standby whose copy is old gives away nothing that the former leader gave last", async () => {
    const stale = deafening();
    const first = await replica("controller-a");
    await leads(first);
    const second = await replica("controller-b", stale.connect);
    await eventually(
      "the standby has listed",
      3_000,
      async () =>
        (await leadershipOf(second)).role === "standby" &&
        (await from<Overview>(second, "overview")).pools[0],
    );
    stale.deafen("given-last");
    await cluster.service("given-last");
    expect(await assigned("given-last")).toBe("192.0.2.1");
    expect((await from<Overview>(second, "overview")).services.total).toBe(0);
    await first.stop();
    await leads(second);
    await cluster.service("next");
    expect(await assigned("next")).toBe("192.0.2.2");
    expect(await cluster.addressesOf("given-last")).toEqual(["192.0.2.1"]);
  }, 20_000);

  test("after a leader that said no goodbye its last writes can do nothing, and no mark stays on who has an address", async () => {
    await cluster.service("waiting", { "metallb.io/address-pool": "later" });
    const { metadata } = await cluster.getService("waiting");
    const lease = { name: "metallb-controller", namespace: ownNamespace };
    await cluster.client.create(resources.leases, {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: lease,
      spec: { holderIdentity: "gone_1", leaseDurationSeconds: 1, leaseTransitions: 7 },
    });
    const first = await replica("controller-a");
    await leads(first, takeoverMs);
    await cluster.service("next");
    await assigned("next", takeoverMs);
    // What the one that is gone may have sent before it went, upon what it saw.
    const late = cluster.client.patch(
      resources.services,
      { name: "waiting", namespace: "default", subresource: "status" },
      "merge",
      {
        metadata: { resourceVersion: metadata.resourceVersion },
        status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
      },
    );
    expect(await late.catch((error: { code: number }) => error.code)).toBe(409);
    expect(await cluster.addressesOf("waiting")).toEqual([]);
    const marked = (await cluster.getService("waiting")).metadata.annotations;
    expect(marked?.["metallb.io/taken-over-at"]).toMatch(/^\d{4}-.*Z$/);
    await cluster.pool("later", ["198.51.100.7/32"]);
    expect(await assigned("waiting")).toBe("198.51.100.7");
    expect((await cluster.getService("waiting")).metadata.annotations).not.toHaveProperty([
      "metallb.io/taken-over-at",
    ]);
  }, 30_000);

  test("who stops gives the lease away, and the next one leads at once", async () => {
    const first = await replica("controller-a");
    await leads(first);
    const second = await replica("controller-b");
    await eventually(
      "it stands by",
      3_000,
      async () => (await leadershipOf(second)).leader === "controller-a",
    );
    const { spec: before } = await cluster.client.get(resources.leases, "metallb-controller", ownNamespace);
    await first.stop();
    await leads(second, takeoverMs);
    const { spec } = await cluster.client.get(resources.leases, "metallb-controller", ownNamespace);
    const transitions = (of: unknown) => (of as { leaseTransitions: number }).leaseTransitions;
    expect(transitions(spec)).toBe(transitions(before) + 1);
    expect(spec).toMatchObject({ holderIdentity: expect.stringMatching(/^controller-b_[0-9a-f]{8}$/) });
  }, 20_000);

  test("who loses the lease gives nothing more, forgets nothing, and goes on when it has it again", async () => {
    const first = await replica("controller-a");
    await leads(first);
    await cluster.service("web");
    const address = await assigned("web");
    const take = { spec: { holderIdentity: "somebody_1", leaseDurationSeconds: 3 } };
    await cluster.client.patch(
      resources.leases,
      { name: "metallb-controller", namespace: ownNamespace },
      "merge",
      take,
    );
    await eventually("it stands by", 3_000, async () => (await leadershipOf(first)).role === "standby");
    await cluster.service("meanwhile");
    const shown = await eventually("it shows who waits", 3_000, async () => {
      const meanwhile = await from<ServiceDetail>(first, "services/default/meanwhile").catch(() => undefined);
      return meanwhile?.pending?.code;
    });
    expect(shown).toBe("service.following");
    expect(await cluster.addressesOf("meanwhile")).toEqual([]);
    await leads(first, takeoverMs);
    await assigned("meanwhile");
    expect(await cluster.addressesOf("web")).toEqual([address]);
  }, 30_000);
});
