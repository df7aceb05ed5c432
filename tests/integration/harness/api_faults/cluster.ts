import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningController, runController } from "#controller/mod.ts";
import { type KubeClient, resources } from "#k8s/mod.ts";
import { FastClock } from "#k8s/testing/mod.ts";
import { createSandboxApi, type SandboxApi, writeKubeconfig } from "#sandbox/api/mod.ts";
import { type RunningSpeaker, runSpeaker } from "#speaker/mod.ts";
import { eventually, installDefinitions, ownNamespace } from "../../controller_support.ts";
import { FaultyProxy } from "./faulty_proxy.ts";

export const token = "api-faults-token";
const node = "node1";
/** Pauses of the product pass so many times faster than sockets do their work. */
const speed = 60;
const limitMs = 10_000;

interface Seen {
  readonly type: string;
  readonly name: string;
}

export interface FaultyOptions {
  /** Whose rights the components have; an administrator's where absent. */
  readonly users?: { readonly controller: string; readonly speaker: string };
}

/** A sandbox API, and a controller and a speaker that records only, each of which reaches it through a {@link FaultyProxy}. */
export class FaultyCluster {
  readonly #seen: Seen[] = [];
  readonly #ended = new AbortController();

  private constructor(
    readonly directory: string,
    readonly api: SandboxApi,
    readonly proxy: FaultyProxy,
    readonly clock: FastClock,
    public controller: RunningController,
    public speaker: RunningSpeaker,
  ) {}

  get console(): string {
    return `http://127.0.0.1:${this.controller.port}`;
  }

  /** Past the proxy. */
  get client(): KubeClient {
    return this.api.client;
  }

  static async start(): Promise<FaultyCluster> {
    const directory = await mkdtemp(join(tmpdir(), "mlbt-faults-"));
    const api = createSandboxApi({ now: Date.now });
    api.addToken(token, { username: "product", groups: ["system:masters"] });
    const proxy = await FaultyProxy.start((request) => api.fetch(request));
    const kubeconfig = join(directory, "kubeconfig");
    await Bun.write(kubeconfig, writeKubeconfig({ server: proxy.url, caPem: "", token }));
    await installDefinitions(api.client);
    await prepare(api.client);
    const clock = new FastClock(speed);
    const controller = await runController(
      {
        kubeconfig,
        namespace: ownNamespace,
        hostname: "127.0.0.1",
        port: 0,
        podName: "controller-1",
        loadBalancerClass: "",
        logLevel: level,
        version: "test",
      },
      { clock },
    );
    const speaker = await runSpeaker(
      {
        kubeconfig,
        namespace: ownNamespace,
        nodeName: node,
        podName: "speaker-1",
        host: "127.0.0.1",
        port: 0,
        unixSocket: join(directory, "speaker.sock"),
        memberlistAddress: "127.0.0.1",
        memberlistPort: 7946,
        isMemberlistDisabled: true,
        loadBalancerClass: "",
        ignoreExcludeLabel: false,
        recordOnly: true,
        logLevel: level,
        version: "test",
      },
      { clock },
    );
    const cluster = new FaultyCluster(directory, api, proxy, clock, controller, speaker);
    void cluster.#record();
    return cluster;
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all([this.controller.stop(), this.speaker.stop()]);
    await this.proxy.stop();
    this.api.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Makes a Service with an endpoint on the node. */
  async serve(name: string, spec: object = {}): Promise<void> {
    const metadata = { name, namespace: "default" };
    await this.client.create(resources.endpointSlices, {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.1.0.1"], nodeName: node, conditions: { ready: true } }],
      ports: [{ name: "", port: 80, protocol: "TCP" }],
    });
    await this.client.create(resources.services, {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { type: "LoadBalancer", selector: { app: name }, ports: [{ port: 80 }], ...spec },
    });
  }

  /** Lets so many seconds of the product's clock pass. */
  pass(seconds: number): Promise<void> {
    return Bun.sleep((seconds * 1_000) / speed);
  }

  /** Of the product's clock, since that `performance.now()`. */
  secondsSince(since: number): number {
    return ((performance.now() - since) * speed) / 1_000;
  }

  /** The Service has an address, and the speaker says that it announces it. */
  async settled(name: string): Promise<string> {
    const address = await eventually(`${name} has an address`, limitMs, async () => this.addressOf(name));
    await eventually(`${name} is announced`, limitMs, async () =>
      (await this.announced()).has(`default/${name}`),
    );
    return address;
  }

  /** Deletes the Service and waits until nobody speaks of it. */
  async removed(name: string): Promise<void> {
    await this.client.remove(resources.services, name, "default");
    await this.client.remove(resources.endpointSlices, name, "default");
    await eventually(
      `${name} is gone`,
      limitMs,
      async () => !(await this.announced()).has(`default/${name}`),
    );
  }

  async addressOf(name: string): Promise<string | undefined> {
    const { status } = await this.client.get(resources.services, name, "default");
    const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip: string }[] } };
    return loadBalancer?.ingress?.[0]?.ip;
  }

  /** resourceVersion of every Service. */
  async versions(): Promise<Map<string, string | undefined>> {
    const { items } = await this.client.list(resources.services);
    return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
  }

  /** How often the Service was changed since it was made. */
  writesOf(name: string): number {
    return this.#seen.filter((one) => one.name === name && one.type === "MODIFIED").length;
  }

  async metrics(part: "controller" | "speaker"): Promise<string> {
    const response =
      part === "speaker"
        ? await fetch("http://speaker/metrics", { unix: join(this.directory, "speaker.sock") })
        : await fetch(`http://127.0.0.1:${this.controller.port}/metrics`);
    return response.text();
  }

  /** Which parts say that they run on cached state. */
  async cached(): Promise<string[]> {
    const parts = ["controller", "speaker"] as const;
    const texts = await Promise.all(parts.map((part) => this.metrics(part)));
    return parts.filter((_, index) => /^metallb_k8s_client_cached_state_bool 1$/m.test(texts[index] ?? ""));
  }

  /** Services that the speaker announces. */
  async announced(): Promise<Set<string>> {
    const text = await this.metrics("speaker");
    return new Set(
      [...text.matchAll(/^metallb_speaker_announced\{.*service="([^"]+)"/gm)].map(([, key = ""]) => key),
    );
  }

  async #record(): Promise<void> {
    const options = { signal: this.#ended.signal, timeoutSeconds: 3_600 };
    const { resourceVersion } = await this.client.list(resources.services);
    for await (const { type, object } of this.client.watch(resources.services, resourceVersion, options))
      if (type !== "BOOKMARK") this.#seen.push({ type, name: object.metadata.name });
  }
}

const level = (process.env.MLBT_LOG as "debug" | undefined) ?? "none";

/** One node with a speaker, a pool, and an advertisement of it. */
async function prepare(client: KubeClient): Promise<void> {
  for (const name of [ownNamespace, "default"]) {
    const known = await client.get(resources.namespaces, name).catch(() => undefined);
    if (!known)
      await client.create(resources.namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  await client.create(resources.nodes, { apiVersion: "v1", kind: "Node", metadata: { name: node } });
  const own = (kind: string, name: string, spec: object) => ({
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name, namespace: ownNamespace },
    spec,
  });
  const addresses = ["192.168.1.200-192.168.1.250"];
  await client.create(resources.ipAddressPools, own("IPAddressPool", "pool", { addresses }));
  await client.create(resources.l2Advertisements, own("L2Advertisement", "l2", {}));
}
