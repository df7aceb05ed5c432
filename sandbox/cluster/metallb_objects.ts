import type { KubeObject } from "#k8s/mod.ts";
import { httpPort, metallbNamespace } from "../options.ts";

export type Component = "controller" | "speaker";

export function metallbLabels(component: Component): Record<string, string> {
  return { app: "metallb", component };
}

/** MetalLB's Deployment and DaemonSet, as far as `kubectl` shows them and labels select. */
export function controllerDeployment(version: string, replicas = 1): KubeObject {
  return {
    metadata: { name: "controller", namespace: metallbNamespace, labels: metallbLabels("controller") },
    spec: {
      replicas,
      // As in the manifests.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
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
