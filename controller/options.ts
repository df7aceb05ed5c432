import type { Clock, connectKubernetes } from "#k8s/mod.ts";
import type { ConsoleTls } from "#server/mod.ts";
import type { SecureMetricsSettings } from "#server/secure_metrics/mod.ts";
import type { LeaderElection } from "./leadership.ts";
import type { WebhookServerOptions } from "./webhooks/mod.ts";

/** What `metallb controller` is started with; flags and METALLB_* variables alike (main.ts). */
export interface ControllerOptions {
  /** Without it the Pod's service account. */
  kubeconfig?: string;
  /** Where the configuration and the speakers live; without it the Pod's namespace. */
  namespace?: string;
  /** Address that console, JSON API and /metrics listen on. */
  hostname: string;
  port: number;
  /** The console ends TLS itself, on its port; undefined: plain HTTP, or a proxy before it ends TLS. */
  consoleTls?: ConsoleTls;
  /** The same pages also listen there. */
  unixSocket?: string;
  /** Of this Pod; the host of its events. */
  podName?: string;
  /** Selects the Pods of the speakers; without it by the labels of the manifests. */
  speakerLabels?: string;
  /** `--lb-class`: only Services of this class are served; empty: only Services that name none. */
  loadBalancerClass: string;
  /** Port of /livez and /readyz alone; 0: none. */
  healthPort?: number;
  /** /metrics over HTTPS for those who may read it; undefined: not served. */
  secureMetrics?: SecureMetricsSettings;
  /** `--plain-metrics=false`: nothing at /metrics of the port in the clear. */
  isPlainMetricsOff?: boolean;
  /** The Secret with the key of the speakers' ring, made where there is none; undefined: not ours to make. */
  memberlistSecret?: { secretName: string; deployment?: string };
  /** Undefined: no webhooks are served (`--webhook-mode disabled`). */
  webhooks?: WebhookServerOptions;
  /** `--webhook-mode onlywebhook`: judges writes, and touches neither pools nor Services. */
  isWebhookOnly?: boolean;
  /** How replicas agree on one that writes; undefined: there is one. */
  leaderElection?: LeaderElection;
  /** `--shadow`: decides, compares that with the cluster and shows it, and writes nothing at all. */
  isShadow?: boolean;
  logLevel: "all" | "debug" | "info" | "warn" | "error" | "none";
  version: string;
}

/** What a test puts in the place of the world: time and chance, and the way to the API server. */
export interface Surroundings {
  clock?: Clock;
  connect?: typeof connectKubernetes;
}

/** Where a speaker serves its state, on its Pod's address. */
export const speakerPort = 7472;
