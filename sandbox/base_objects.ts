import { readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type KubeClient, KubeError, type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";
import { kubeTime } from "./agent/kubelet/pod_status.ts";
import { customResourceDefinitions, serviceAccounts } from "./kinds.ts";
import type { Station } from "./lab/mod.ts";
import { metallbNamespace } from "./options.ts";
import { nodeLeaseNamespace } from "./workload/mod.ts";

export interface BaseObject {
  resource: ResourceType;
  object: KubeObject;
}

const crdDirectory = join(import.meta.dir, "..", "k8s", "crds");

/** What a cluster has before anyone applies anything: namespaces, accounts, nodes, and MetalLB's own kinds. */
export function baseObjects(
  nodes: readonly Pick<Station, "name" | "address" | "podCidr">[],
  secretKey: string,
  nowMs: number,
): BaseObject[] {
  const namespaces = ["default", "kube-system", "kube-public", nodeLeaseNamespace, metallbNamespace];
  return [
    ...namespaces.map((name) => made(resources.namespaces, { metadata: namespaceMetadata(name) })),
    ...["controller", "speaker"].map((name) =>
      made(serviceAccounts, { metadata: { name, namespace: metallbNamespace, labels: { app: "metallb" } } }),
    ),
    made(resources.secrets, {
      metadata: { name: "memberlist", namespace: metallbNamespace },
      type: "Opaque",
      data: { secretkey: Buffer.from(secretKey).toString("base64") },
    }),
    ...nodes.map((node) => made(resources.nodes, nodeObject(node, nowMs))),
    ...customResources(),
  ];
}

/** Creates them in order; what is there already stays as it is. */
export async function applyBase(client: KubeClient, objects: readonly BaseObject[]): Promise<void> {
  for (const { resource, object } of objects) {
    try {
      await client.create(resource, object);
    } catch (error) {
      if (!(error instanceof KubeError && error.code === 409)) throw error;
    }
    if (object.status === undefined) continue;
    const { name, namespace } = object.metadata;
    const target = { name, ...(namespace && { namespace }), subresource: "status" } as const;
    await client.patch(resource, target, "merge", { status: object.status });
  }
}

function made(resource: ResourceType, body: KubeObject): BaseObject {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version;
  return { resource, object: { apiVersion, kind: resource.kind, ...body } };
}

function namespaceMetadata(name: string): KubeObject["metadata"] {
  // MetalLB's manifests ask for it: the speaker needs the host's network (Pod Security Admission).
  const privileged = { "pod-security.kubernetes.io/enforce": "privileged" };
  return {
    name,
    labels: { "kubernetes.io/metadata.name": name, ...(name === metallbNamespace && privileged) },
  };
}

function customResources(): BaseObject[] {
  return readdirSync(crdDirectory)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(crdDirectory, name), "utf8")))
    .map((document) => document.toJS())
    .filter((object) => object?.kind === customResourceDefinitions.kind)
    .map((object) => ({ resource: customResourceDefinitions, object }));
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
