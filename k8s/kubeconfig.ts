import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { type Clock, systemClock } from "./clock.ts";
import { type Access, type Credentials, readText, remembered } from "./credentials.ts";
import { readByPlugin } from "./kubeconfig_plugin.ts";

const text = v.nullish(v.string());

/** The parts of clientcmd/v1 Config that a plain user needs; others send the file to client-node. */
const clusterSchema = v.looseObject({
  server: v.string(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": v.nullish(v.boolean()),
  "tls-server-name": text,
  "proxy-url": text,
});

const userSchema = v.looseObject({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  exec: v.optional(v.unknown()),
  "auth-provider": v.optional(v.unknown()),
  username: text,
  as: text,
});

const kubeconfigSchema = v.looseObject({
  "current-context": v.string(),
  contexts: v.array(
    v.looseObject({
      name: v.string(),
      context: v.looseObject({ cluster: v.string(), user: v.string(), namespace: text }),
    }),
  ),
  clusters: v.array(v.looseObject({ name: v.string(), cluster: clusterSchema })),
  users: v.array(v.looseObject({ name: v.string(), user: v.nullish(userSchema) })),
});

type Cluster = v.InferOutput<typeof clusterSchema>;
type User = v.InferOutput<typeof userSchema>;

/**
 * Reads a kubeconfig. Certificates and tokens are read here; exec and OIDC plugins, passwords, impersonation, and a
 * list of files are client-node's, imported only then (55 MiB and 150 ms that a speaker should not pay).
 */
export async function readKubeconfig(path: string, clock: Clock = systemClock): Promise<Credentials> {
  if (path.includes(":")) return readByPlugin(path);
  const { cluster, user, namespace } = await currentContext(path);
  if (user.exec || user["auth-provider"] || user.username || user.as) return readByPlugin(path);
  const directory = dirname(resolve(path));
  return {
    server: cluster.server.replace(/\/+$/, ""),
    proxy: cluster["proxy-url"] || undefined,
    namespace,
    access: remembered(clock, () => readAccess(cluster, user, directory)),
  };
}

async function currentContext(path: string) {
  const parsed = v.safeParse(kubeconfigSchema, Bun.YAML.parse(await readText(path)));
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new Error(
      `Cannot read kubeconfig "${path}": ${v.getDotPath(issue) ?? "document"}: ${issue.message}`,
    );
  }
  const config = parsed.output;
  const pick = <T extends { name: string }>(list: readonly T[], kind: string, name: string): T => {
    const found = list.find((entry) => entry.name === name);
    if (found) return found;
    const known = list.map((entry) => `"${entry.name}"`).join(", ") || "none";
    throw new Error(`Cannot use kubeconfig "${path}": there is no ${kind} "${name}"; present are ${known}`);
  };
  const { context } = pick(config.contexts, "context", config["current-context"]);
  return {
    cluster: pick(config.clusters, "cluster", context.cluster).cluster,
    user: pick(config.users, "user", context.user).user ?? {},
    namespace: context.namespace || undefined,
  };
}

async function readAccess(cluster: Cluster, user: User, directory: string): Promise<Access> {
  const pem = async (data: string | null | undefined, file: string | null | undefined) => {
    if (data) return Buffer.from(data, "base64").toString("utf8");
    return file ? readText(resolve(directory, file)) : undefined;
  };
  const ca = await pem(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const cert = await pem(user["client-certificate-data"], user["client-certificate"]);
  const key = await pem(user["client-key-data"], user["client-key"]);
  const token = user.tokenFile ? await readText(resolve(directory, user.tokenFile)) : user.token;
  const serverName = cluster["tls-server-name"];
  return {
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(serverName && { serverName }),
      ...(cluster["insecure-skip-tls-verify"] && { rejectUnauthorized: false }),
    },
    headers: token ? { Authorization: `Bearer ${token}` } : {},
  };
}
