import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningController, runController } from "#controller/mod.ts";
import {
  connectKubernetes,
  type KubeClient,
  type KubeObject,
  type ResourceType,
  resources,
} from "#k8s/mod.ts";
import {
  type Certificates,
  createCertificates,
  createSandboxApi,
  type SandboxApi,
  type ServingSandboxApi,
  serveSandboxApi,
  writeKubeconfig,
} from "#sandbox/api/mod.ts";

export const ownNamespace = "metallb-system";
const customResourceDefinitions: ResourceType = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};
const token = "integration-test-token";

/** A sandbox API on loopback and controllers that work on it through TLS, as in a cluster. */
export class TestCluster {
  readonly api: SandboxApi;
  readonly client: KubeClient;
  controller: RunningController | undefined;

  private constructor(
    readonly directory: string,
    readonly certificates: Certificates,
    api: SandboxApi,
    client: KubeClient,
    public server: ServingSandboxApi,
  ) {
    this.api = api;
    this.client = client;
  }

  static async start(): Promise<TestCluster> {
    const directory = await mkdtemp(join(tmpdir(), "mlbt-controller-"));
    const certificates = await createCertificates({
      names: ["localhost"],
      addresses: ["127.0.0.1"],
      now: new Date(),
    });
    const api = createApi();
    const server = serveSandboxApi(api, { hostname: "127.0.0.1", port: 0, certificate: certificates });
    const kubeconfig = join(directory, "kubeconfig");
    await Bun.write(kubeconfig, writeKubeconfig({ server: server.url, caPem: certificates.caPem, token }));
    const { client } = await connectKubernetes({ kubeconfig, userAgent: "integration-test" });
    const cluster = new TestCluster(directory, certificates, api, client, server);
    await installDefinitions(client);
    for (const name of [ownNamespace, "default"]) await cluster.ensureNamespace(name);
    return cluster;
  }

  get kubeconfig(): string {
    return join(this.directory, "kubeconfig");
  }

  async startController(loadBalancerClass = ""): Promise<RunningController> {
    this.controller = await runController({
      kubeconfig: this.kubeconfig,
      namespace: ownNamespace,
      hostname: "127.0.0.1",
      port: 0,
      podName: "controller-test",
      loadBalancerClass,
      logLevel: (process.env.MLBT_LOG as "debug" | undefined) ?? "none",
      version: "test",
    });
    return this.controller;
  }

  async stopController(): Promise<void> {
    await this.controller?.stop();
    this.controller = undefined;
  }

  /** Closes every connection and listens again at the same port, with the same objects. */
  async restartApi(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    await meanwhile();
    this.server = serveSandboxApi(this.api, { hostname: "127.0.0.1", port, certificate: this.certificates });
  }

  async stop(): Promise<void> {
    await this.stopController();
    await this.server.stop();
    this.api.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async ensureNamespace(name: string): Promise<void> {
    const known = await this.client.get(resources.namespaces, name).catch(() => undefined);
    if (!known) {
      await this.client.create(resources.namespaces, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      });
    }
  }

  pool(name: string, addresses: string[], more: object = {}): Promise<KubeObject> {
    return this.client.create(resources.ipAddressPools, {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name, namespace: ownNamespace },
      spec: { addresses, ...more },
    });
  }

  service(name: string, annotations: Record<string, string> = {}, spec: object = {}): Promise<KubeObject> {
    return this.client.create(resources.services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default", annotations },
      spec: {
        type: "LoadBalancer",
        selector: { app: name },
        ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 80 }],
        ...spec,
      },
    });
  }

  getService(name: string): Promise<KubeObject> {
    return this.client.get(resources.services, name, "default");
  }

  async addressesOf(name: string): Promise<string[]> {
    const { status } = await this.getService(name);
    const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip: string }[] } };
    return (loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  }

  /** Events about an object, oldest first. */
  async eventsOf(name: string): Promise<{ type: string; reason: string; message: string; count: number }[]> {
    const { items } = await this.client.list(resources.events, {
      fieldSelector: `involvedObject.name=${name}`,
    });
    return items.map(({ type, reason, message, count }) => ({
      type: String(type),
      reason: String(reason),
      message: String(message),
      count: Number(count),
    }));
  }

  /** All values of one metric, by its labels as they are written. */
  async metric(name: string, port = this.controller?.port): Promise<Record<string, number>> {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const found: Record<string, number> = {};
    for (const line of (await response.text()).split("\n")) {
      const match = line.match(/^(\w+)(\{[^}]*\})? (\S+)$/);
      if (match?.[1] === name) found[match[2] ?? ""] = Number(match[3]);
    }
    return found;
  }

  async console<T>(path: string, port = this.controller?.port): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}

/** The kinds of metallb.io without their schemas: what a schema would stop, the controller must judge, too. */
export async function installDefinitions(client: KubeClient): Promise<void> {
  const kinds = Object.values<ResourceType>(resources).filter(({ group }) => group === "metallb.io");
  for (const { group, version, plural, kind } of kinds) {
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    await client.create(customResourceDefinitions, {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
        versions: [{ name: version, served: true, storage: true, subresources: { status: {} }, schema }],
      },
    });
  }
  for (const kind of kinds) {
    await eventually(`${kind.plural} are served`, 2_000, () => client.list(kind).catch(() => undefined));
  }
}

function createApi(): SandboxApi {
  const api = createSandboxApi({ now: Date.now });
  api.addToken(token, { username: "controller", groups: ["system:masters"] });
  return api;
}

/** Every version of the objects of a kind, as a watcher sees them from now on. */
export function recordVersions(client: KubeClient, resource: ResourceType, resourceVersion: string) {
  const abort = new AbortController();
  const seen: { type: string; name: string; resourceVersion: string }[] = [];
  const done = (async () => {
    const watch = client.watch(resource, resourceVersion, { signal: abort.signal, timeoutSeconds: 300 });
    for await (const { type, object } of watch) {
      if (type === "BOOKMARK") continue;
      seen.push({ type, name: object.metadata.name, resourceVersion: object.metadata.resourceVersion ?? "" });
    }
  })().catch(() => {});
  return {
    of: (name: string) => seen.filter((event) => event.name === name).map(({ type }) => type),
    all: () => seen.length,
    async stop() {
      abort.abort();
      await done;
    },
  };
}

/** Asks until the answer is something, or fails with the last answer after the limit. */
export async function eventually<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const until = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > until) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await Bun.sleep(10);
  }
}
