import { type Clock, systemClock } from "./clock.ts";
import { type Credentials, readText, remembered } from "./credentials.ts";

export const serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The credentials of a Pod ("Accessing the Kubernetes API from a Pod"): two variables and three files. Read without
 * client-node, whose import alone costs each speaker 55 MiB. Undefined outside a Pod.
 */
export async function readServiceAccount(
  directory: string,
  env: Record<string, string | undefined>,
  clock: Clock = systemClock,
): Promise<Credentials | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  if (!host || !port) return undefined;
  const token = await readText(`${directory}/token`).catch(() => undefined);
  if (token === undefined) return undefined;
  const namespace = await readText(`${directory}/namespace`).catch(() => undefined);
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace,
    access: remembered(clock, async () => ({
      tls: { ca: await readText(`${directory}/ca.crt`) },
      headers: { Authorization: `Bearer ${await readText(`${directory}/token`)}` },
    })),
  };
}
