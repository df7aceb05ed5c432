import { stringify } from "yaml";

export interface KubeconfigOptions {
  /** `https://host:port`. */
  readonly server: string;
  readonly caPem: string;
  readonly token: string;
  /** Name of cluster, user and context alike; `metallb-sandbox` where absent. */
  readonly contextName?: string;
}

/** The YAML text of a kubeconfig with one context, which is the current one. */
export function writeKubeconfig({ server, caPem, token, contextName }: KubeconfigOptions): string {
  const name = contextName ?? "metallb-sandbox";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [
      {
        name,
        cluster: { server, "certificate-authority-data": Buffer.from(caPem).toString("base64") },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
