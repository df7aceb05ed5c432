import type { Clock, connectKubernetes } from "#k8s/mod.ts";
import type { SecureMetricsSettings } from "#server/secure_metrics/mod.ts";
import type { openDataPlane } from "./open_data_plane.ts";

/** What a test puts in the place of the world: time and chance, the way to the API server, and what announces. */
export interface Surroundings {
  clock?: Clock;
  connect?: typeof connectKubernetes;
  dataPlaneOf?: typeof openDataPlane;
}

/** What `metallb speaker` is started with; flags and METALLB_* variables alike (main.ts). */
export interface SpeakerOptions {
  kubeconfig?: string;
  namespace?: string;
  nodeName: string;
  podName: string;
  /** Address the HTTP server listens on. */
  host: string;
  port: number;
  unixSocket?: string;
  /** Address that fellow speakers reach this one by; the Pod's address. */
  memberlistAddress: string;
  /** Port of the gossip ring; heartbeats use the next one. */
  memberlistPort: number;
  /** MetalLB's rule: without a bind address or without labels there is no memberlist. */
  isMemberlistDisabled?: boolean;
  /** Label selector of the speakers' Pods. */
  memberlistLabels?: string;
  /** The WAN profile in place of the LAN one. */
  isMemberlistWan?: boolean;
  /** Replaces both profiles where it is there. */
  memberlistSettingsFile?: string;
  /** Folder with the file `secretkey`; without it heartbeats are not protected. */
  secretKeyPath?: string;
  /** MetalLB's `excludel2.yaml`: interfaces on which nothing is announced. Absent: where its manifests mount it. */
  excludedInterfacesFile?: string;
  /** Between two signs of life in the ring of watchers; four that are missing make a speaker dead. The same on all nodes. */
  ringIntervalMs?: number;
  /** How often an announced address is said again: a Go duration, 0 for never. */
  gratuitousRefresh?: string;
  loadBalancerClass: string;
  ignoreExcludeLabel: boolean;
  /** Decides and shows everything, but opens no packet socket and no BGP session. */
  recordOnly: boolean;
  /** Port of /livez and /readyz alone, on the loopback as the manifests ask there; 0: none. */
  healthPort?: number;
  /** /metrics over HTTPS for those who may read it; undefined: not served. */
  secureMetrics?: SecureMetricsSettings;
  /** `--plain-metrics=false`: nothing at /metrics of the port in the clear. */
  isPlainMetricsOff?: boolean;
  logLevel: "all" | "debug" | "info" | "warn" | "error" | "none";
  version: string;
}
