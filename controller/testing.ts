/** What the tests of this room make their inputs with. */
import type { ConfigObject, PodView, VersionedService } from "#k8s/mod.ts";
import type { BgpSessionRow, SpeakerState } from "#server/ports.ts";

export function speakerState(parts: Partial<SpeakerState> = {}): SpeakerState {
  return {
    version: 1,
    node: "node1",
    pod: "speaker-1",
    build: "0.1.0",
    startedAt: 0,
    recordOnly: false,
    announcements: [],
    routes: [],
    sessions: [],
    members: [],
    moves: [],
    issues: [],
    ...parts,
  };
}

export function session(parts: Partial<BgpSessionRow> = {}): BgpSessionRow {
  return {
    node: "node1",
    peer: "tor",
    address: "192.0.2.254",
    port: 179,
    myASN: 64512,
    state: "Established",
    since: 0,
    prefixesSent: 0,
    prefixesReceived: 0,
    flaps: 0,
    capabilities: [],
    ...parts,
  };
}

export function speakerPod(parts: Partial<PodView> = {}): PodView & { podIP: string } {
  return {
    namespace: "metallb-system",
    name: "speaker-1",
    uid: "u1",
    nodeName: "node1",
    podIP: "192.0.2.11",
    ready: true,
    ...parts,
  } as PodView & { podIP: string };
}

export function serviceOf(parts: Partial<VersionedService> = {}): VersionedService {
  return {
    namespace: "default",
    name: "web",
    uid: "u1",
    resourceVersion: "1",
    creationTimestampMs: 0,
    labels: {},
    annotations: {},
    type: "LoadBalancer",
    clusterIPs: ["10.96.0.10"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    externalTrafficPolicy: "Cluster",
    selector: {},
    ports: [{ name: "", protocol: "TCP", port: 80 }],
    ingress: [],
    ...parts,
  };
}

export function configOf(kind: string, name: string, spec: unknown, status?: unknown): ConfigObject {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name, namespace: "metallb-system", uid: `uid-${name}` },
    spec,
    status,
  };
}
