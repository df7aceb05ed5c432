import type { KubeClient } from "./types.ts";

export interface ConnectOptions {
  /** Path of a kubeconfig file; without it the Pod's service account, else $KUBECONFIG, else ~/.kube/config. */
  kubeconfig?: string | undefined;
  /** Namespace of this product; without it the Pod's, else the kubeconfig context's, else `metallb-system`. */
  namespace?: string | undefined;
  /** Called after each request: verb as `LIST`, resource as `services/status`, code as `200` or `error`. */
  observe?: (verb: string, resource: string, code: string, seconds: number) => void;
  userAgent: string;
}

export interface Connection {
  client: KubeClient;
  namespace: string;
  /** The bearer token in use, where there is one; read anew each minute. */
  bearerToken(): Promise<string | undefined>;
}

/** Reads the credentials; the first request is the caller's, so that an API server that is away delays nothing. */
export async function connectKubernetes(options: ConnectOptions): Promise<Connection> {
  throw new Error(`Not connected yet: ${options.userAgent}`);
}
