import type { RequestOptions } from "node:https";
import type { Access, Credentials } from "./credentials.ts";

/**
 * Credentials by client-node's KubeConfig: exec and OIDC plugins, basic authentication, impersonation, merged files.
 * Only its reading of credentials runs; its HTTP stack (undici, a stub on Bun) never does.
 */
export async function readByPlugin(paths: string): Promise<Credentials> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const [config = new KubeConfig(), ...others] = paths.split(":").map((path) => {
    const one = new KubeConfig();
    one.loadFromFile(path);
    return one;
  });
  for (const other of others) config.mergeConfig(other, true);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new Error(`Cannot use kubeconfig "${paths}": its current context names no known cluster`);
  return {
    server: cluster.server.replace(/\/+$/, ""),
    proxy: cluster.proxyUrl,
    namespace: config.getContextObject(config.currentContext)?.namespace,
    // Not remembered here: the plugins know when their tokens expire.
    access: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return toAccess(options);
    },
  };
}

function toAccess(options: RequestOptions): Access {
  const pem = (value: unknown) => (value === undefined || value === null ? undefined : String(value));
  const ca = pem(options.ca);
  const cert = pem(options.cert);
  const key = pem(options.key);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
  return {
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(options.servername && { serverName: options.servername }),
      ...(options.rejectUnauthorized === false && { rejectUnauthorized: false }),
    },
    headers,
  };
}
