import type { SandboxApi } from "./api.ts";
import type { ServingCertificate } from "./certificates.ts";

export interface ServeOptions {
  readonly hostname: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Also listens here, with the same certificate. */
  readonly unixSocket?: string;
  readonly certificate: ServingCertificate;
}

export interface ServingSandboxApi {
  /** `https://host:port`, without a final slash. */
  readonly url: string;
  readonly port: number;
  /** Ends open watches and closes every listener. */
  stop(): Promise<void>;
}

/** Serves the API on HTTPS, over TCP and, where asked, over a Unix socket. */
export function serveSandboxApi(_api: SandboxApi, _options: ServeOptions): ServingSandboxApi {
  throw new Error("the sandbox API is being written");
}
