/** MetalLB as its own manifests install it, as far as the check looks at it; for tests. */
import { configObject, type KubeObject, serviceView } from "#k8s/mod.ts";
import type { UpgradeFacts } from "./facts.ts";

export const namespace = "metallb-system";

interface Said {
  image?: string;
  args?: string[];
  env?: Record<string, string>;
}

function workload(kind: "Deployment" | "DaemonSet", component: string, said: Said, more: object): KubeObject {
  const labels = { app: "metallb", component };
  const { image = `quay.io/metallb/${component}:v0.15.3`, args = ["--port=7472", "--log-level=info"] } = said;
  const env = Object.entries(said.env ?? {}).map(([name, value]) => ({ name, value }));
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: component, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { serviceAccountName: component, containers: [{ name: component, image, args, env }], ...more },
      },
    },
  };
}

export function metallbController(said: Said = {}): KubeObject {
  const env = { METALLB_ML_SECRET_NAME: "memberlist", METALLB_DEPLOYMENT: "controller", ...said.env };
  return workload("Deployment", "controller", { ...said, env }, { terminationGracePeriodSeconds: 0 });
}

export function metallbSpeaker(said: Said = {}, more: object = {}): KubeObject {
  const env = {
    METALLB_ML_BIND_ADDR: "192.0.2.1",
    METALLB_ML_LABELS: "app=metallb,component=speaker",
    METALLB_ML_SECRET_KEY_PATH: "/etc/ml_secret_key",
    ...said.env,
  };
  const standard = { hostNetwork: true, terminationGracePeriodSeconds: 2 };
  return workload("DaemonSet", "speaker", { ...said, env }, { ...standard, ...more });
}

export function facts(more: Partial<UpgradeFacts> = {}): UpgradeFacts {
  return {
    namespace,
    deployments: [metallbController()],
    daemonSets: [metallbSpeaker()],
    definitions: undefined,
    webhooks: [],
    rights: undefined,
    configMaps: new Map(),
    namespaces: [{ metadata: { name: namespace } }],
    nodes: undefined,
    services: [],
    configuration: {
      pools: [],
      l2Advertisements: [],
      bgpAdvertisements: [],
      peers: [],
      bfdProfiles: [],
      communities: [],
    },
    unreadKinds: new Set(),
    frrConfigurations: [],
    ringSecret: { metadata: { name: "memberlist", namespace }, data: { secretkey: "eA==" } },
    unread: [],
    ...more,
  };
}

/** A ConfigMap among the facts. */
export function configMap(name: string, data: Record<string, string>): readonly [string, KubeObject] {
  return [name, { metadata: { name }, data }];
}

export function metallbObject(kind: string, name: string, spec: unknown) {
  const apiVersion = `metallb.io/${kind === "BGPPeer" ? "v1beta2" : "v1beta1"}`;
  return configObject({ apiVersion, kind, metadata: { name, namespace, uid: name }, spec });
}

export function heldService(name: string, ip: string, more: { annotations?: Record<string, string> } = {}) {
  return serviceView({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      namespace: "default",
      name,
      uid: name,
      resourceVersion: "1",
      creationTimestamp: "2026-01-01T00:00:00Z",
      annotations: { "metallb.io/ip-allocated-from-pool": "first", ...more.annotations },
    },
    spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.9"], ports: [{ port: 80, protocol: "TCP" }] },
    status: { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } },
  });
}
