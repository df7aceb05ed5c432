import type { KubeClient } from "#k8s/mod.ts";

export interface SandboxApiOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where clusterIPs come from; `10.96.0.0/12` where absent. */
  readonly serviceCidr?: string;
}

export interface SandboxApi {
  /** Direct calls for the sandbox's own controllers: same rules as over HTTP, as a member of `system:masters`. */
  readonly client: KubeClient;
  /** The HTTP surface, with nothing of a socket in it. */
  fetch(request: Request): Promise<Response> | Response;
  /** Registers a bearer token. A one-time token is good for exactly one TokenReview and for nothing else. */
  addToken(
    token: string,
    user: { username: string; groups: string[] },
    options?: { oneTime?: boolean },
  ): void;
  /** Ends every watch; no call is answered afterwards. */
  close(): void;
}

export function createSandboxApi(_options: SandboxApiOptions): SandboxApi {
  throw new Error("the sandbox API is being written");
}
