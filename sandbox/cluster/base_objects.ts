import { readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type KubeClient, KubeError, type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";
import { kubeTime } from "../agent/kubelet/mod.ts";
import type { Station } from "../lab/mod.ts";
import { defaultOptions, metallbNamespace } from "../options.ts";
import { leases, nodeLeaseNamespace } from "../workload/mod.ts";
import { customResourceDefinitions, manifestKind } from "./kinds.ts";
import { kubeProxyConfigMap } from "./kube_proxy_config.ts";

export interface BaseObject {
  resource: ResourceType;
  object: KubeObject;
}

const crdDirectory = join(import.meta.dir, "..", "..", "k8s", "crds");
const manifestDirectory = join(import.meta.dir, "..", "..", "k8s", "manifests", "base");

/** What an administrator has made before anyone applies anything: nodes, MetalLB's namespace, accounts and kinds. */
export function baseObjects(
  nodes: readonly Pick<Station, "name" | "address" | "podCidr">[],
  secretKey: string,
  nowMs: number,
  podCidr: string = defaultOptions.podCidr,
): BaseObject[] {
  // MetalLB's manifests ask for the label: the speaker needs the host's network (Pod Security Admission).
  const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
  return [
    made(resources.namespaces, { metadata: { name: metallbNamespace, labels } }),
    ...[...manifest("rbac.yaml"), ...manifest("webhook.yaml")].map((object) =>
      made(manifestKind(object.kind), object),
    ),
    made(resources.secrets, {
      metadata: { name: "memberlist", namespace: metallbNamespace },
      type: "Opaque",
      data: { secretkey: Buffer.from(secretKey).toString("base64") },
    }),
    made(manifestKind("ConfigMap"), kubeProxyConfigMap(podCidr)),
    ...nodes.map((node) => made(resources.nodes, nodeObject(node, nowMs))),
    ...customResources(),
  ];
}

/** Creates what is not there; of what an earlier run has left, renews the fields that are ours. */
export async function createOrRenew(
  client: KubeClient,
  resource: ResourceType,
  object: KubeObject,
): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 409) throw error;
    const { status: _status, ...wanted } = object;
    const { name, namespace } = object.metadata;
    await client.patch(resource, { name, ...(namespace && { namespace }) }, "merge", wanted);
  }
}

/**
 * Takes away what was true of an earlier run only: nodes that this one has not, MetalLB's own Pods, whose processes are
 * gone, and the leases of both, who cannot renew them any more. Other Pods stay, and the nodes play them again.
 */
export async function removeStale(client: KubeClient, nodeNames: readonly string[]): Promise<void> {
  for (const { metadata } of (await client.list(resources.nodes)).items) {
    if (!nodeNames.includes(metadata.name)) await client.remove(resources.nodes, metadata.name);
  }
  const own = { namespace: metallbNamespace, labelSelector: "app=metallb" };
  for (const { metadata } of (await client.list(resources.pods, own)).items) {
    await client.remove(resources.pods, metadata.name, metallbNamespace);
  }
  // The kubelets' and MetalLB's own; whoever else holds a lease here, holds it on.
  for (const namespace of [nodeLeaseNamespace, metallbNamespace]) {
    for (const { metadata } of (await client.list(leases, { namespace })).items) {
      await client.remove(leases, metadata.name, namespace);
    }
  }
}

/** Creates them in order; a status is written apart, as its subresource wants it. */
export async function applyBase(client: KubeClient, objects: readonly BaseObject[]): Promise<void> {
  for (const { resource, object } of objects) {
    await createOrRenew(client, resource, object);
    if (object.status === undefined) continue;
    const target = { name: object.metadata.name, subresource: "status" } as const;
    await client.patch(resource, target, "merge", { status: object.status });
  }
}

function made(resource: ResourceType, body: KubeObject): BaseObject {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version;
  return { resource, object: { apiVersion, kind: resource.kind, ...body } };
}

function customResources(): BaseObject[] {
  return readdirSync(crdDirectory)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((name) => documents(join(crdDirectory, name)))
    .filter((object) => object.kind === customResourceDefinitions.kind)
    .map((object) => ({ resource: customResourceDefinitions, object }));
}

/** The same file that is applied to a real cluster, so that controller and speakers have its rights here too. */
function manifest(name: string): KubeObject[] {
  return documents(join(manifestDirectory, name));
}

function documents(file: string): KubeObject[] {
  return parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS());
}

function nodeObject(
  { name, address, podCidr }: Pick<Station, "name" | "address" | "podCidr">,
  nowMs: number,
): KubeObject {
  const now = kubeTime(nowMs);
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const room = { cpu: "2", memory: "4Gi", pods: "110" };
  return {
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": architecture,
      },
    },
    spec: podCidr ? { podCIDR: podCidr, podCIDRs: [podCidr] } : {},
    status: {
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
      capacity: room,
      allocatable: room,
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          message: "the sandbox plays this node",
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
      nodeInfo: {
        architecture,
        operatingSystem: "linux",
        osImage: "metallb sandbox",
        kernelVersion: release(),
        kubeletVersion: "v1.32.0",
        containerRuntimeVersion: "none://0",
      },
    },
  };
}
