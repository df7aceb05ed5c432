import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { metallbController, metallbSpeaker, namespace } from "#cli/check/upgrade/fixtures.ts";
import { type ControllerOptions, type RunningController, runController } from "#controller/mod.ts";
import { installedDefinitions } from "#k8s/installation/mod.ts";
import {
  type Clock,
  connectKubernetes,
  type KubeClient,
  type KubeObject,
  type ResourceType,
  resources,
  systemClock,
} from "#k8s/mod.ts";
import { createCertificates, createSandboxApi, serveSandboxApi, writeKubeconfig } from "#sandbox/api/mod.ts";
import { eventually } from "./controller_support.ts";

export { namespace };
export const nodes = ["iris1", "iris2", "iris3"];

/** Something that somebody asked the API server for. */
export interface Asked {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly isAllowed: boolean;
}

const daemonSets = { ...resources.deployments, plural: "daemonsets", kind: "DaemonSet" };

/**
 * A sandbox API with what an installed MetalLB leaves in a cluster: workloads, CRDs, Nodes, speakers' Pods,
 * configuration. MetalLB itself does not run; a test plays its part through {@link admin}.
 */
export class MetallbCluster {
  readonly asked: Asked[] = [];
  #close: (() => Promise<void>)[] = [];
  admin!: KubeClient;
  #directory = "";
  #kubeconfigOf!: (token: string) => string;
  #api!: ReturnType<typeof createSandboxApi>;

  static async start(): Promise<MetallbCluster> {
    const cluster = new MetallbCluster();
    await cluster.#serve();
    await cluster.#install();
    return cluster;
  }

  async #serve(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), "mlbt-migration-"));
    const certificates = await createCertificates({
      names: ["localhost"],
      addresses: ["127.0.0.1"],
      now: new Date(),
    });
    this.#api = createSandboxApi({
      now: Date.now,
      audit: ({ username }, attributes, isAllowed) => {
        const { verb } = attributes;
        if ("path" in attributes) return;
        const { resource, subresource } = attributes;
        const whole = subresource === "" ? resource : `${resource}/${subresource}`;
        this.asked.push({ user: username, verb, resource: whole, isAllowed });
      },
    });
    const server = serveSandboxApi(this.#api, { hostname: "127.0.0.1", port: 0, certificate: certificates });
    this.#kubeconfigOf = (token) => writeKubeconfig({ server: server.url, caPem: certificates.caPem, token });
    this.#close.push(
      () => server.stop(),
      async () => this.#api.close(),
      () => rm(this.#directory, { recursive: true, force: true }),
    );
    this.admin = await this.connect(await this.account("admin", ["system:masters"]));
  }

  async #install(): Promise<void> {
    const { admin } = this;
    await admin.create(resources.namespaces, object("v1", "Namespace", namespace));
    for (const definition of installedDefinitions) {
      const copy = structuredClone(definition) as KubeObject & { spec: { conversion: object } };
      // Nobody serves the webhook here.
      copy.spec.conversion = { strategy: "None" };
      await admin.create(resources.customResourceDefinitions, copy);
    }
    for (const kind of Object.values<ResourceType>(resources).filter(({ group }) => group === "metallb.io")) {
      await eventually(`${kind.plural} are served`, 3_000, () => admin.list(kind).catch(() => undefined));
    }
    await admin.create(resources.deployments, metallbController());
    await admin.create(daemonSets, metallbSpeaker());
    for (const [index, name] of nodes.entries()) {
      await admin.create(resources.nodes, object("v1", "Node", name));
      await this.#speakerPod(name, `192.0.2.${11 + index}`);
    }
    await this.configure("IPAddressPool", "first", { addresses: ["192.168.1.240-192.168.1.250"] });
    await this.configure("IPAddressPool", "second", { addresses: ["192.168.2.0/28"], autoAssign: false });
    await this.configure("L2Advertisement", "all", {});
  }

  async #speakerPod(node: string, podIP: string): Promise<void> {
    const labels = { app: "metallb", component: "speaker" };
    const name = `speaker-${node}`;
    await this.admin.create(resources.pods, {
      ...object("v1", "Pod", name, namespace, labels),
      spec: { nodeName: node, containers: [{ name: "speaker", image: "quay.io/metallb/speaker:v0.15.3" }] },
    });
    const status = { podIP, conditions: [{ type: "Ready", status: "True" }] };
    await this.admin.patch(resources.pods, { name, namespace, subresource: "status" }, "merge", { status });
  }

  /** A kubeconfig of an account; without groups it may do nothing. */
  async account(name: string, groups: string[] = []): Promise<string> {
    this.#api.addToken(`token-of-${name}`, { username: name, groups });
    const file = join(this.#directory, `${name.replaceAll(":", "-")}.kubeconfig`);
    await Bun.write(file, this.#kubeconfigOf(`token-of-${name}`));
    return file;
  }

  /** The Roles of a file of manifests, and whom they are bound to. */
  async applyRights(file: string): Promise<void> {
    const manifests = parseAllDocuments(await Bun.file(file).text()).map((each) => each.toJS() as KubeObject);
    for (const manifest of manifests) {
      const kind = String(manifest.kind);
      if (!/Role(Binding)?$/.test(kind)) continue;
      const namespaced = !kind.startsWith("Cluster");
      const plural = `${kind.toLowerCase()}s`;
      const type = { group: "rbac.authorization.k8s.io", version: "v1", plural, kind, namespaced };
      await this.admin.create(type, manifest);
    }
  }

  async connect(kubeconfig: string): Promise<KubeClient> {
    return (await connectKubernetes({ kubeconfig, userAgent: "migration-test" })).client;
  }

  configure(kind: string, name: string, spec: object): Promise<KubeObject> {
    const type = Object.values<ResourceType>(resources).find((each) => each.kind === kind);
    if (!type) throw new Error(kind);
    return this.admin.create(type, {
      ...object(`${type.group}/${type.version}`, kind, name, namespace),
      spec,
    });
  }

  /** As MetalLB's controller does it: status and annotation; as its speaker: the ServiceL2Status. */
  async assign(name: string, ip: string, pool: string, node?: string): Promise<void> {
    const target = { name, namespace: "default" };
    const annotations = { "metallb.io/ip-allocated-from-pool": pool };
    await this.admin.patch(resources.services, { ...target, subresource: "status" }, "merge", {
      metadata: { annotations },
      status: { loadBalancer: { ingress: [{ ip }] } },
    });
    if (node === undefined) return;
    const labels = {
      "metallb.io/node": node,
      "metallb.io/service-name": name,
      "metallb.io/service-namespace": "default",
    };
    const created = await this.admin.create(resources.serviceL2Statuses, {
      ...object("metallb.io/v1beta1", "ServiceL2Status", `l2-${name}`, namespace, labels),
      spec: {},
    });
    const status = { node, serviceName: name, serviceNamespace: "default" };
    const at = { name: created.metadata.name, namespace, subresource: "status" as const };
    await this.admin.patch(resources.serviceL2Statuses, at, "merge", { status });
  }

  /** With one endpoint that is ready. */
  async service(name: string): Promise<KubeObject> {
    await this.admin.create(resources.endpointSlices, {
      ...object("discovery.k8s.io/v1", "EndpointSlice", name, "default", {
        "kubernetes.io/service-name": name,
      }),
      addressType: "IPv4",
      ports: [{ port: 80, protocol: "TCP" }],
      endpoints: [{ addresses: ["10.244.0.9"], nodeName: nodes[0], conditions: { ready: true } }],
    });
    return this.admin.create(resources.services, {
      ...object("v1", "Service", name, "default"),
      spec: { type: "LoadBalancer", selector: { app: name }, ports: [{ port: 80, protocol: "TCP" }] },
    });
  }

  /** What every Service shows to the world, and what MetalLB's controller would read after a rollback. */
  async held(): Promise<Record<string, unknown>> {
    const { items } = await this.admin.list(resources.services);
    return Object.fromEntries(
      items
        .filter(({ spec }) => (spec as { type?: string }).type === "LoadBalancer")
        .map(({ metadata, status }) => [
          metadata.name,
          { annotations: metadata.annotations ?? {}, ...(status as object) },
        ]),
    );
  }

  /** The resourceVersion of every object there is of the kinds that a controller could write. */
  async versions(): Promise<Record<string, string | undefined>> {
    const found: Record<string, string | undefined> = {};
    const leases = {
      group: "coordination.k8s.io",
      version: "v1",
      plural: "leases",
      kind: "Lease",
      namespaced: true,
    };
    for (const kind of [...Object.values<ResourceType>(resources), leases]) {
      if (kind.plural.endsWith("reviews")) continue;
      const { items } = await this.admin.list(kind).catch(() => ({ items: [] }));
      for (const { metadata } of items) {
        found[`${kind.plural}/${metadata.namespace ?? ""}/${metadata.name}`] = metadata.resourceVersion;
      }
    }
    return found;
  }

  async controller(account: string, more: Partial<ControllerOptions>): Promise<RunningController> {
    const options: ControllerOptions = {
      kubeconfig: account,
      namespace,
      hostname: "127.0.0.1",
      port: 0,
      podName: "controller-test",
      loadBalancerClass: "",
      logLevel: (process.env.MLBT_LOG as "debug" | undefined) ?? "none",
      version: "test",
      ...more,
    };
    const controller = await runController(options, { clock: fastClock });
    this.#close.unshift(() => controller.stop());
    return controller;
  }

  async stop(): Promise<void> {
    for (const close of this.#close) await close();
  }
}

/** Ten seconds of a controller in one: what it waits for is waited for, in a tenth of the time. */
const fastClock: Clock = {
  ...systemClock,
  steady: () => performance.now() * 10,
  after: (delayMs, callback) => systemClock.after(delayMs / 10, callback),
};

function object(
  apiVersion: string,
  kind: string,
  name: string,
  inside?: string,
  labels?: Record<string, string>,
): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(inside && { namespace: inside }), ...(labels && { labels }) },
  };
}
