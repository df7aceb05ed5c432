import {
  createSandboxApi,
  DataFile,
  type PodRuntime,
  type SandboxApi,
  type ServingSandboxApi,
  serveSandboxApi,
} from "../api/mod.ts";
import { serviceCidr, serviceCidr6 } from "../lab/mod.ts";
import { metallbNamespace } from "../options.ts";
import { onFreePort } from "../ports/free_port.ts";
import type { Paths } from "../processes/paths.ts";
import { AuditLog } from "./audit_log.ts";
import { Credentials } from "./credentials.ts";
import { keptCertificates, keptToken } from "./kept_credentials.ts";

const webhookService = "metallb-webhook-service";

/** The Kubernetes API as the sandbox's other parts use it. */
export interface ClusterApi {
  api: SandboxApi;
  serving: ServingSandboxApi;
  credentials: Credentials;
  /** The same API for the network namespaces, which no TCP of the host reaches. */
  unixSocket: string;
  close(): Promise<void>;
}

export async function openClusterApi(
  paths: Paths,
  { apiPort, auditLog, data }: { apiPort: number; auditLog?: string | undefined; data?: string | undefined },
  podRuntime?: PodRuntime,
  /** Where one of the controllers answers the webhooks; undefined: none runs. */
  webhookSocket: () => string | undefined = () => undefined,
): Promise<ClusterApi> {
  // Closed in the opposite order, also where the start fails half-way: a data file that stays open stays locked.
  await using opened = new AsyncDisposableStack();
  const audit =
    auditLog === undefined ? undefined : opened.adopt(new AuditLog(auditLog), (log) => log.close());
  const dataFile = data === undefined ? undefined : opened.adopt(DataFile.open(data), (file) => file.close());
  const certificate = await keptCertificates(dataFile);
  const api = createSandboxApi({
    now: Date.now,
    podRuntime,
    dataFile,
    caPem: certificate.caPem,
    serviceCidr: `${serviceCidr},${serviceCidr6}`,
    // Of the cluster's Services the host reaches one, by a socket.
    resolveService: (service) =>
      service.namespace === metallbNamespace && service.name === webhookService
        ? { unixSocket: webhookSocket() ?? paths.socket("nobody") }
        : {
            nobody: `the sandbox's API reaches no Service but ${metallbNamespace}/${webhookService}; name a URL for ${service.namespace}/${service.name}`,
          },
    ...(audit && { audit: audit.record }),
  });
  opened.defer(() => api.close());
  const unixSocket = paths.socket("api");
  const serving = await onFreePort(apiPort, (port) =>
    serveSandboxApi(api, { hostname: "127.0.0.1", port, unixSocket, certificate }),
  );
  opened.defer(() => serving.stop());
  const credentials = new Credentials(api, certificate.caPem, paths.credentials, keptToken(dataFile));
  const started = opened.move();
  return { api, serving, unixSocket, credentials, close: () => started.disposeAsync() };
}
