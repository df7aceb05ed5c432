/** Failure stories of the Kubernetes edge, told on virtual time with the real controller and a real speaker. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { KubeError, type ResourceType, resources } from "#k8s/mod.ts";
import { ownNamespace, VirtualCluster } from "./virtual/mod.ts";

let cluster: VirtualCluster;
beforeEach(async () => {
  cluster = new VirtualCluster();
  await cluster.prepare();
});
afterEach(() => cluster.stop());

const definitions = resources.customResourceDefinitions;
const configured: readonly ResourceType[] = [
  resources.bfdProfiles,
  resources.bgpAdvertisements,
  resources.bgpPeers,
  resources.communities,
  resources.ipAddressPools,
  resources.l2Advertisements,
];

async function started(...services: string[]) {
  await cluster.pool("pool", "192.168.1.240-192.168.1.250");
  await cluster.advertise();
  for (const name of services) await cluster.serve(name);
  const controller = await cluster.startController();
  await cluster.startSpeaker();
  await cluster.pass(60);
  return controller;
}

const announced = () => [...cluster.dataPlane.owned].sort();
const writesOf = (what: string) => cluster.writes.filter((write) => write.what === what);

describe("story 13: a status write that fails for good", () => {
  test.each([
    [403, "Forbidden"],
    [409, "Conflict"],
    [422, "Invalid"],
    [500, "InternalError"],
  ])(
    "%p at a Service's status: others are served, and it is tried again ever more seldom",
    async (code, reason) => {
      cluster.refuse = (_, what, name) =>
        what === "PATCH services/status" && name === "stuck" ? new KubeError(code, reason, "no") : undefined;
      await started("stuck", "well");
      expect([await cluster.addressOf("stuck"), await cluster.addressOf("well")]).toEqual([
        undefined,
        "192.168.1.241",
      ]);
      expect(announced()).toEqual(["192.168.1.241"]);
      await cluster.pass(540);
      const tries = writesOf("PATCH services/status").filter(({ name }) => name === "stuck");
      // Ten minutes at 15 s, of which chance may take half, and the first quick ones.
      expect(tries.length).toBeGreaterThan(40);
      expect(tries.length).toBeLessThan(90);
      const gaps = tries.slice(1).map(({ at }, index) => at - (tries[index]?.at ?? 0));
      expect(Math.min(...gaps.slice(-20))).toBeGreaterThanOrEqual(7_500);
      cluster.refuse = () => undefined;
      await cluster.pass(16);
      expect([await cluster.addressOf("stuck"), announced()]).toEqual([
        "192.168.1.240",
        ["192.168.1.240", "192.168.1.241"],
      ]);
    },
  );

  test.each([
    [403, "Forbidden"],
    [409, "Conflict"],
    [422, "Invalid"],
  ])(
    "%p at ServiceL2Status: what is announced stays, without a gap and without a burst",
    async (code, reason) => {
      cluster.refuse = (by, what) =>
        by === "speaker" && what.includes("servicel2status") ? new KubeError(code, reason, "no") : undefined;
      await started("one", "two");
      expect(announced()).toEqual(["192.168.1.240", "192.168.1.241"]);
      const { bursts, releases } = cluster.dataPlane;
      await cluster.pass(600);
      expect([cluster.dataPlane.bursts, cluster.dataPlane.releases]).toEqual([bursts, releases]);
      const tries = cluster.writes.filter(({ what }) => what.includes("servicel2status"));
      expect(tries.length).toBeGreaterThan(2);
      expect(tries.length).toBeLessThan(2 * 90);
      cluster.refuse = () => undefined;
      await cluster.pass(90);
      const { items } = await cluster.client.list(resources.serviceL2Statuses);
      expect(items).toHaveLength(2);
    },
  );
});

describe("story 23: Services of other controllers", () => {
  const foreign = { loadBalancerClass: "example.com/other" };
  const status = { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } };

  async function others(): Promise<Map<string, string | undefined>> {
    for (const [name, spec] of [
      ["of-another-class", foreign],
      ["cluster-ip", { type: "ClusterIP" }],
      ["external-name", { type: "ExternalName", externalName: "example.com", ports: [] }],
    ] as const) {
      await cluster.serve(name, spec);
      const target = { name, namespace: "default", subresource: "status" } as const;
      if (spec !== foreign) continue;
      await cluster.client.patch(resources.services, target, "merge", { status });
    }
    return versions();
  }

  async function versions(): Promise<Map<string, string | undefined>> {
    const { items } = await cluster.client.list(resources.services);
    return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  }

  test.each([true, false])(
    "are never written, with pools: %p, not at the start, in churn, or at the end",
    async (hasPools) => {
      const before = await others();
      if (hasPools) await cluster.pool("pool", "192.168.1.240/32");
      const controller = await cluster.startController();
      await cluster.startSpeaker();
      await cluster.pass(120);
      if (hasPools) await cluster.client.remove(resources.ipAddressPools, "pool", ownNamespace);
      await cluster.pass(120);
      await controller.stop();
      await cluster.pass(60);
      expect(await versions()).toEqual(before);
      expect(cluster.writes.filter(({ what }) => what.includes("services"))).toEqual([]);
    },
  );

  test("shutdown patches nothing, also when every watch ends while it stops and no pool is defined", async () => {
    const controller = await started("held");
    await cluster.client.remove(resources.ipAddressPools, "pool", ownNamespace);
    await cluster.pass(10);
    const before = await versions();
    cluster.writes.length = 0;
    const stopping = controller.stop();
    cluster.api.close();
    await stopping;
    await cluster.pass(600);
    expect(cluster.writes.filter(({ by }) => by === "controller")).toEqual([]);
    expect(await versions()).toEqual(before);
  });
});

describe("story 24: the CRDs are deleted by an upgrade", () => {
  const bothAddresses = ["192.168.1.240", "192.168.1.241"];

  async function deleteDefinitions(): Promise<void> {
    for (const { plural, group } of configured) {
      await cluster.client.remove(definitions, `${plural}.${group}`);
      await cluster.pass(0.1);
    }
  }

  test("Services keep their addresses, they stay announced, and it is said; with the CRDs back all is as before", async () => {
    await started("one", "two");
    expect(announced()).toEqual(bothAddresses);
    const { bursts } = cluster.dataPlane;
    const kept = await Promise.all(
      configured.map(({ plural, group }) => cluster.client.get(definitions, `${plural}.${group}`)),
    );
    await deleteDefinitions();
    await cluster.pass(3_600);
    expect([await cluster.addressOf("one"), await cluster.addressOf("two")]).toEqual(bothAddresses);
    expect([announced(), cluster.dataPlane.bursts, cluster.dataPlane.releases]).toEqual([
      bothAddresses,
      bursts,
      0,
    ]);
    await cluster.serve("three");
    await cluster.pass(30);
    expect(await cluster.addressOf("three")).toBeUndefined();
    expect(await cluster.metric("controller", "metallb_allocator_holding_bool")).toBe(1);
    expect(await cluster.metric("speaker", "metallb_speaker_config_held_bool")).toBe(1);

    for (const { apiVersion, kind, metadata, spec } of kept) {
      await cluster.client.create(definitions, {
        apiVersion,
        kind,
        metadata: { name: metadata.name },
        spec,
      } as never);
    }
    await cluster.pass(1);
    await cluster.pool("pool", "192.168.1.240-192.168.1.250");
    await cluster.advertise();
    await cluster.pass(120);
    const all = [...bothAddresses, "192.168.1.242"];
    expect(await Promise.all(["one", "two", "three"].map((name) => cluster.addressOf(name)))).toEqual(all);
    expect([announced(), cluster.dataPlane.releases]).toEqual([all, 0]);
    expect(await cluster.metric("controller", "metallb_allocator_holding_bool")).toBe(0);
    expect(await cluster.metric("speaker", "metallb_speaker_config_held_bool")).toBe(0);
  });

  test("it is told by an event and at the top of what needs attention", async () => {
    await started("one");
    await deleteDefinitions();
    await cluster.pass(5);
    expect(await cluster.events()).toContain(`AllPoolsVanished ${ownNamespace}`);
    expect((await cluster.attention())[0]).toMatchObject({ severity: "critical", kind: "pools-vanished" });
  });

  test("an advertisement that is deleted alone is withdrawn", async () => {
    await started("one");
    await cluster.client.remove(resources.l2Advertisements, "l2", ownNamespace);
    await cluster.pass(3);
    expect(announced()).toEqual([]);
  });
});
