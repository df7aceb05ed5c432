/** What `metallb sandbox` is started with. */
export interface SandboxOptions {
  /** Everything the sandbox writes is in here; it is removed at the end. */
  stateDirectory: string;
  nodes: number;
  nodePrefix: string;
  /** Replicas of MetalLB's controller, each at a machine of its own. */
  controllers: number;
  /** How long their lease lasts, as `metallb controller` takes it; undefined: as long as in a real cluster. */
  leaseDuration?: string | undefined;
  lan: string;
  lan6: string;
  podCidr: string;
  /** Loopback ports that are taken where they are free, else any other. */
  apiPort: number;
  consolePort: number;
  /** Applies the examples of docs/examples at the start. */
  demo: boolean;
  /** An SQLite file for everything the API holds, so that the next sandbox on it goes on; in memory where absent. */
  data?: string | undefined;
  /** A file for who asked the API for what. */
  auditLog?: string | undefined;
  logLevel: "all" | "debug" | "info" | "warn" | "error" | "none";
  /** Without namespaces even where they could be had. */
  recordOnly: boolean;
  version: string;
}

export const defaultOptions = {
  stateDirectory: ".sandbox",
  nodes: 3,
  nodePrefix: "node",
  controllers: 1,
  lan: "192.168.1.0/24",
  lan6: "fd00:1::/64",
  podCidr: "10.244.0.0/16",
  apiPort: 6443,
  consolePort: 7472,
  demo: false,
  logLevel: "info",
  recordOnly: false,
} as const satisfies Omit<SandboxOptions, "version" | "auditLog" | "data" | "leaseDuration">;

export const metallbNamespace = "metallb-system";
/** Of /metrics and the console, in every namespace. */
export const httpPort = 7472;
/** Where each namespace finds the API, relayed from a Unix socket. */
export const relayedApi = "127.0.0.1:6443";
