import {
  createCertificates,
  createSandboxApi,
  type SandboxApi,
  type ServingSandboxApi,
  serveSandboxApi,
} from "../api/mod.ts";
import { serviceCidr, serviceCidr6 } from "../lab/mod.ts";
import { onFreePort } from "../ports/free_port.ts";
import type { Paths } from "../processes/paths.ts";
import { Credentials } from "./credentials.ts";

/** The Kubernetes API as the sandbox's other parts use it. */
export interface ClusterApi {
  api: SandboxApi;
  serving: ServingSandboxApi;
  credentials: Credentials;
  /** The same API for the network namespaces, which no TCP of the host reaches. */
  unixSocket: string;
}

export async function openClusterApi(paths: Paths, wantedPort: number): Promise<ClusterApi> {
  const certificate = await createCertificates({
    names: ["localhost", "kubernetes.default.svc"],
    addresses: ["127.0.0.1", "::1"],
    now: new Date(),
  });
  const api = createSandboxApi({ now: Date.now, serviceCidr: `${serviceCidr},${serviceCidr6}` });
  const unixSocket = paths.socket("api");
  const serving = await onFreePort(wantedPort, (port) =>
    serveSandboxApi(api, { hostname: "127.0.0.1", port, unixSocket, certificate }),
  );
  return {
    api,
    serving,
    unixSocket,
    credentials: new Credentials(api, certificate.caPem, paths.credentials),
  };
}
