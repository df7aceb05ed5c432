import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SandboxApi, writeKubeconfig } from "../api/mod.ts";
import { metallbNamespace } from "../options.ts";

export interface User {
  username: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

export const admin: User = { username: "sandbox-admin", groups: ["system:masters", "system:authenticated"] };

/** As the API server names the holder of a ServiceAccount's token, and the Pod that it was made for. */
export function serviceAccount(name: string, podName: string): User {
  return {
    extra: { "authentication.kubernetes.io/pod-name": [podName] },
    username: `system:serviceaccount:${metallbNamespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${metallbNamespace}`, "system:authenticated"],
  };
}

/** As kubeadm names a kubelet. */
export function kubelet(node: string): User {
  return { username: `system:node:${node}`, groups: ["system:nodes", "system:authenticated"] };
}

/** Gives out tokens, in kubeconfig files that only their owner may read. */
export class Credentials {
  readonly #api: SandboxApi;
  readonly #caPem: string;
  readonly #directory: string;
  readonly #adminToken: string | undefined;

  /** `adminToken` is what the administrator has had before, where he has. */
  constructor(api: SandboxApi, caPem: string, directory: string, adminToken?: string) {
    this.#adminToken = adminToken;
    this.#api = api;
    this.#caPem = caPem;
    this.#directory = directory;
  }

  token(user: User): string {
    const token = (user === admin ? this.#adminToken : undefined) ?? newToken();
    this.#api.addToken(token, user);
    return token;
  }

  /** Good for one login and nothing else. */
  oneTimeToken(user: User): string {
    const token = newToken();
    this.#api.addToken(token, user, { oneTime: true });
    return token;
  }

  /** Path of a new kubeconfig for the user, who reaches the API at `server`. */
  kubeconfig(name: string, user: User, server: string): string {
    const file = join(this.#directory, `${name}.kubeconfig`);
    writeFileSync(file, this.kubeconfigText(this.token(user), server), { mode: 0o600 });
    return file;
  }

  kubeconfigText(token: string, server: string): string {
    return writeKubeconfig({ server, caPem: this.#caPem, token });
  }
}

export function newToken(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url");
}
