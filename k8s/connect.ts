import { homedir } from "node:os";
import { join } from "node:path";
import { RestClient } from "./client.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Credentials } from "./credentials.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { resourcePath } from "./paths.ts";
import { readServiceAccount, serviceAccountDirectory } from "./service_account.ts";
import { type ContactListener, Transport, type TransportOptions } from "./transport.ts";
import { type KubeClient, resources } from "./types.ts";

export interface ConnectOptions {
  /** Path of a kubeconfig file; without it the Pod's service account, else $KUBECONFIG, else ~/.kube/config. */
  kubeconfig?: string | undefined;
  /** Namespace of this product; without it the Pod's, else the kubeconfig context's, else `metallb-system`. */
  namespace?: string | undefined;
  /** Called after each request: verb as `LIST`, resource as `services/status`, code as `200` or `error`. */
  observe?: ((verb: string, resource: string, code: string, seconds: number) => void) | undefined;
  contact?: ContactListener | undefined;
  userAgent: string;
  clock?: Clock;
}

export interface Connection {
  client: KubeClient;
  namespace: string;
  /** The bearer token in use, where there is one; read anew each minute. */
  bearerToken(): Promise<string | undefined>;
  /** A small question that any account may ask; rejects where the API server does not answer. */
  ask(): Promise<unknown>;
  /** The last lines of a Pod's log; `previous`: of its container before the last restart. */
  podLog(namespace: string, name: string, options: { tailLines: number; previous: boolean }): Promise<string>;
}

const logLimitMs = 30_000;
const askLimitMs = 5_000;

/** Reads the credentials; the first request is the caller's, so that an API server that is away delays nothing. */
export async function connectKubernetes(options: ConnectOptions): Promise<Connection> {
  const { clock = systemClock } = options;
  const credentials = await loadCredentials(options.kubeconfig, clock);
  const transport: TransportOptions = {
    credentials,
    userAgent: options.userAgent,
    observe: options.observe,
    fetch: (url, init) => fetch(url, init),
    contact: options.contact,
    clock,
  };
  return {
    client: new RestClient(transport),
    namespace: options.namespace || credentials.namespace || "metallb-system",
    ask() {
      const path = "/version";
      return new Transport(transport).json({ verb: "GET", resource: "version", path, timeoutMs: askLimitMs });
    },
    podLog(namespace, name, { tailLines, previous }) {
      return new Transport(transport).text({
        verb: "GET",
        resource: "pods/log",
        path: `${resourcePath(resources.pods, namespace, name)}/log?tailLines=${tailLines}&previous=${previous}`,
        timeoutMs: logLimitMs,
      });
    },
    async bearerToken() {
      const { Authorization: header = "" } = (await credentials.access()).headers;
      return header.startsWith("Bearer ") ? header.slice("Bearer ".length) : undefined;
    },
  };
}

async function loadCredentials(kubeconfig: string | undefined, clock: Clock): Promise<Credentials> {
  if (kubeconfig) return readKubeconfig(kubeconfig, clock);
  const inCluster = await readServiceAccount(serviceAccountDirectory, process.env, clock);
  return inCluster ?? readKubeconfig(process.env.KUBECONFIG || join(homedir(), ".kube", "config"), clock);
}
