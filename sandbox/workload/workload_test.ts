import { afterEach, describe, expect, test } from "bun:test";
import {
  createInformer,
  type Informer,
  type KubeClient,
  type KubeObject,
  type ResourceType,
  resources,
} from "#k8s/mod.ts";
import { createSandboxApi, type SandboxApi } from "../api/mod.ts";
import { leases, nodeLeaseNamespace, startWorkload } from "./mod.ts";
import { replicaSets } from "./objects.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The real API and the real controllers in this process; the test plays the kubelets. */
class World {
  readonly api: SandboxApi;
  readonly client: KubeClient;
  readonly #abort = new AbortController();
  readonly #seen = new Map<ResourceType, Informer<KubeObject>>();
  #changed = Promise.withResolvers<void>();
  nowMs = Date.parse("2026-01-01T00:00:00Z");
  /** Whether pods become ready by themselves. */
  hasKubelets = true;

  private constructor() {
    this.api = createSandboxApi({ now: () => this.nowMs });
    this.client = this.api.client;
    const kinds = [
      resources.deployments,
      replicaSets,
      resources.pods,
      resources.nodes,
      resources.endpointSlices,
    ];
    for (const resource of kinds) {
      const options = {
        resource,
        project: (object: KubeObject) => object,
        log: silent,
        signal: this.#abort.signal,
      };
      const informer = createInformer(this.client, options);
      this.#seen.set(resource, informer);
      const wake = () => {
        this.#changed.resolve();
        this.#changed = Promise.withResolvers<void>();
      };
      informer.subscribe({ changed: wake, removed: wake });
    }
    this.#seen.get(resources.pods)?.subscribe({
      changed: (pod) => void (this.hasKubelets && this.#play(pod)),
      removed() {},
    });
  }

  static async start(nodes: readonly string[]): Promise<World> {
    const world = new World();
    for (const name of nodes) await world.addNode(name);
    const options = { log: silent, signal: world.#abort.signal, now: () => world.nowMs };
    await startWorkload(world.client, options).ready;
    return world;
  }

  stop(): void {
    this.#abort.abort();
    this.api.close();
  }

  all(resource: ResourceType): KubeObject[] {
    return [...(this.#seen.get(resource)?.values() ?? [])];
  }

  /** Waits for the cluster to become as asked; the test's own time limit is the limit. */
  async until(claim: () => boolean): Promise<void> {
    while (!claim()) await this.#changed.promise;
  }

  async addNode(name: string): Promise<void> {
    await this.client.create(resources.nodes, { metadata: { name } });
    const status = { conditions: [{ type: "Ready", status: "True" }] };
    await this.client.patch(resources.nodes, { name, subresource: "status" }, "merge", { status });
  }

  async deploy(replicas: number, spec: object = {}): Promise<void> {
    const labels = { app: "web" };
    await this.client.create(resources.deployments, {
      metadata: { name: "web", namespace: "default" },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "web", image: "web", ports: [{ name: "http", containerPort: 80 }] }] },
        },
        ...spec,
      },
    });
  }

  async edit(spec: object): Promise<void> {
    const target = { name: "web", namespace: "default" };
    await this.client.patch(resources.deployments, target, "merge", { spec });
  }

  readyPods(): KubeObject[] {
    return this.all(resources.pods).filter(isReady);
  }

  async #play(pod: KubeObject): Promise<void> {
    const { nodeName } = pod.spec as { nodeName?: string };
    if (!nodeName || isReady(pod)) return;
    const { name, namespace } = pod.metadata;
    const last = this.all(resources.pods).findIndex((other) => other.metadata.name === name);
    const at = new Date(this.nowMs).toISOString();
    const status = {
      phase: "Running",
      podIP: `10.244.0.${last + 2}`,
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: at }],
    };
    const target = { name, namespace: namespace ?? "", subresource: "status" } as const;
    await this.client.patch(resources.pods, target, "merge", { status }).catch(() => {});
  }
}

function isReady({ status }: KubeObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

function nodeOf({ spec }: KubeObject): string {
  return (spec as { nodeName?: string }).nodeName ?? "";
}

function endpoints(slice: KubeObject | undefined): { ready: boolean; nodeName: string }[] {
  const list = (slice?.endpoints ?? []) as { conditions: { ready: boolean }; nodeName: string }[];
  return list.map(({ conditions, nodeName }) => ({ ready: conditions.ready, nodeName }));
}

describe("startWorkload()", () => {
  let world: World;
  afterEach(() => world.stop());

  test("brings a Deployment to ready pods, one on each node, and says so", async () => {
    world = await World.start(["node1", "node2", "node3"]);
    await world.deploy(3);
    const complete = ({ status }: KubeObject) =>
      (status as { availableReplicas?: number }).availableReplicas === 3;
    await world.until(() => world.all(resources.deployments).some(complete));
    expect(world.readyPods().map(nodeOf).sort()).toEqual(["node1", "node2", "node3"]);
    const [set] = world.all(replicaSets);
    expect(set?.status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3 });
    expect(world.readyPods().map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual(
      Array(3).fill(set?.metadata.uid),
    );
  });

  test("creates neither too many nor too few, however often the size changes", async () => {
    world = await World.start(["node1", "node2"]);
    await world.deploy(5);
    for (const replicas of [9, 2, 7, 0, 4]) await world.edit({ replicas });
    await world.until(() => world.readyPods().length === 4 && world.all(resources.pods).length === 4);
    const names = new Set(world.all(resources.pods).map(({ metadata }) => metadata.name));
    expect(names.size).toBe(4);
  });

  test("rolls a new template out and keeps the old set for a rollback", async () => {
    world = await World.start(["node1"]);
    await world.deploy(3);
    await world.until(() => world.readyPods().length === 3);
    await world.edit({ template: { metadata: { annotations: { version: "2" } } } });
    const sizes = () => world.all(replicaSets).map(({ spec }) => (spec as { replicas: number }).replicas);
    await world.until(() => world.readyPods().length === 3 && sizes().sort().join() === "0,3");
    expect(world.readyPods().map(({ metadata }) => metadata.annotations)).toEqual(
      Array(3).fill({ version: "2" }),
    );
  });

  test("a pod that somebody deletes comes again", async () => {
    world = await World.start(["node1"]);
    await world.deploy(2);
    await world.until(() => world.readyPods().length === 2);
    const [victim] = world.readyPods();
    await world.client.remove(resources.pods, victim?.metadata.name ?? "", "default");
    await world.until(
      () =>
        world.readyPods().length === 2 &&
        !world.readyPods().some(({ metadata }) => metadata.uid === victim?.metadata.uid),
    );
  });

  test("pods of a Node that is deleted come again on the others", async () => {
    world = await World.start(["node1", "node2"]);
    await world.deploy(4);
    await world.until(() => world.readyPods().length === 4);
    await world.client.remove(resources.nodes, "node2");
    await world.until(() => world.readyPods().filter((pod) => nodeOf(pod) === "node1").length === 4);
    expect(world.all(resources.pods)).toHaveLength(4);
  });

  test("a pod that fits nowhere says why, and gets its node when one fits", async () => {
    world = await World.start(["node1"]);
    const spec = { containers: [{ name: "c", image: "c" }], nodeSelector: { disk: "ssd" } };
    await world.client.create(resources.pods, { metadata: { name: "picky", namespace: "default" }, spec });
    const message = () => {
      const { conditions = [] } = (world.all(resources.pods)[0]?.status ?? {}) as {
        conditions?: { type: string; message?: string }[];
      };
      return conditions.find(({ type }) => type === "PodScheduled")?.message;
    };
    await world.until(() => message() !== undefined);
    expect(message()).toBe("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
    await world.client.patch(resources.nodes, { name: "node1" }, "merge", {
      metadata: { labels: { disk: "ssd" } },
    });
    await world.until(() => world.readyPods().length === 1);
  });

  test("EndpointSlices follow pods and Service, and go with the Service", async () => {
    world = await World.start(["node1", "node2"]);
    const service = {
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    };
    await world.client.create(resources.services, service);
    const slices = () => world.all(resources.endpointSlices);
    await world.until(() => slices().length === 1);
    await world.deploy(2);
    await world.until(() => endpoints(slices()[0]).filter(({ ready }) => ready).length === 2);
    expect(slices()).toHaveLength(1);
    expect(slices()[0]).toMatchObject({
      addressType: "IPv4",
      ports: [{ name: "http", port: 80, protocol: "TCP" }],
      metadata: {
        labels: { "kubernetes.io/service-name": "web" },
        ownerReferences: [{ kind: "Service", name: "web" }],
      },
    });
    await world.edit({ replicas: 1 });
    await world.until(() => endpoints(slices()[0]).length === 1);
    const target = { name: "web", namespace: "default" };
    await world.client.patch(resources.services, target, "merge", { spec: { selector: { app: "other" } } });
    await world.until(() => endpoints(slices()[0]).length === 0);
    await world.client.remove(resources.services, "web", "default");
    await world.until(() => slices().length === 0);
  });

  test("a node whose Lease runs out is Unknown, and its pods are out of the slices", async () => {
    world = await World.start(["node1", "node2"]);
    const renewTime = () => new Date(world.nowMs).toISOString().replace("Z", "000Z");
    for (const name of ["node1", "node2"]) {
      const metadata = { name, namespace: nodeLeaseNamespace };
      await world.client.create(leases, { metadata, spec: { holderIdentity: name, renewTime: renewTime() } });
    }
    await world.client.create(resources.services, {
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    await world.deploy(2);
    const ready = () => endpoints(world.all(resources.endpointSlices)[0]).filter(({ ready }) => ready);
    await world.until(() => ready().length === 2);
    world.hasKubelets = false;
    world.nowMs += 51_000;
    const target = { name: "node1", namespace: nodeLeaseNamespace };
    await world.client.patch(leases, target, "merge", { spec: { renewTime: renewTime() } });
    await world.client.patch(resources.nodes, { name: "node2" }, "merge", {
      metadata: { labels: { look: "again" } },
    });
    await world.until(() => ready().length === 1);
    expect(ready()[0]?.nodeName).toBe("node1");
    const node2 = world.all(resources.nodes).find(({ metadata }) => metadata.name === "node2");
    expect(node2?.status).toMatchObject({ conditions: [{ type: "Ready", status: "Unknown" }] });
    expect(world.all(resources.nodes).filter(isReady)).toHaveLength(1);
  });

  test("writes nothing when nothing changes", async () => {
    world = await World.start(["node1", "node2"]);
    await world.client.create(resources.services, {
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    await world.deploy(3);
    await world.until(() => endpoints(world.all(resources.endpointSlices)[0]).length === 3);
    const revision = async () => (await world.client.list(resources.nodes)).resourceVersion;
    let before = "";
    // Until the last events about the start are written; from then on the revision of the whole store stands still.
    for (let same = 0; same < 3; ) {
      const now = await revision();
      same = now === before ? same + 1 : 0;
      before = now;
      for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await world.client.patch(resources.nodes, { name: "node1" }, "merge", {
      metadata: { labels: { look: "again" } },
    });
    for (let turn = 0; turn < 200; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(Number(await revision()) - Number(before)).toBe(1);
  });
});
