import type { KubeObject } from "#k8s/mod.ts";
import { httpPort, metallbNamespace } from "./options.ts";

export type Component = "controller" | "speaker";

export function metallbLabels(component: Component): Record<string, string> {
  return { app: "metallb", component };
}

/** MetalLB's Deployment and DaemonSet, as far as `kubectl` shows them and labels select. */
export function controllerDeployment(version: string): KubeObject {
  return {
    metadata: { name: "controller", namespace: metallbNamespace, labels: metallbLabels("controller") },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: metallbLabels("controller") },
      template: template("controller", version, { hostNetwork: false }),
    },
  };
}

export function speakerDaemonSet(version: string): KubeObject {
  return {
    metadata: { name: "speaker", namespace: metallbNamespace, labels: metallbLabels("speaker") },
    spec: {
      selector: { matchLabels: metallbLabels("speaker") },
      template: template("speaker", version, { hostNetwork: true }),
    },
  };
}

/** One Pod of the DaemonSet, bound to its node as the DaemonSet controller's affinity would. */
export function speakerPod(daemonSet: KubeObject, node: string): KubeObject {
  const { metadata, spec } = speakerTemplate(daemonSet);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      name: `speaker-${podSuffix()}`,
      generateName: "speaker-",
      namespace: metallbNamespace,
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "DaemonSet",
          name: daemonSet.metadata.name,
          uid: daemonSet.metadata.uid ?? "",
          controller: true,
        },
      ],
    },
    spec: { ...spec, nodeName: node },
  };
}

function speakerTemplate(daemonSet: KubeObject): { metadata: object; spec: object } {
  return (daemonSet.spec as { template: { metadata: object; spec: object } }).template;
}

function template(component: Component, version: string, { hostNetwork }: { hostNetwork: boolean }) {
  return {
    metadata: { labels: metallbLabels(component) },
    spec: {
      serviceAccountName: component,
      hostNetwork,
      containers: [
        {
          name: component,
          image: `metallb-ts:${version}`,
          args: [component],
          ports: [{ name: "monitoring", containerPort: httpPort }],
        },
      ],
    },
  };
}

/** Five of Kubernetes' letters, which spell no words (k8s.io/apimachinery, `rand.String`). */
function podSuffix(): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  const random = crypto.getRandomValues(new Uint8Array(5));
  return Array.from(random, (byte) => letters[byte % letters.length]).join("");
}
