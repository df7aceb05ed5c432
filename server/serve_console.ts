import type { Hono } from "hono";
import { requestBytesMax, type Served, type ServeOptions, serve } from "./serve.ts";
import { certificateFolder, type ServeTlsOptions, serveTls, type TlsPolicy } from "./tls/mod.ts";

/** Of a console that ends TLS itself. */
export interface ConsoleTls {
  /** Of tls.crt and tls.key, which are followed. */
  certificateDirectory: string;
  policy: TlsPolicy;
}

/** Serves the console, over TLS where a certificate is named; then there is no Unix socket, which nobody who has TLS needs. */
export function serveConsole(
  app: Hono,
  options: ServeOptions,
  tls: ConsoleTls | undefined,
  hearing: Pick<ServeTlsOptions, "log" | "shown">,
): Promise<Served> {
  if (!tls) return serve(app, options);
  const { hostname, port } = options;
  const { certificateDirectory, policy } = tls;
  const certificate = certificateFolder(certificateDirectory);
  return serveTls({
    hostname,
    port,
    what: "the console over HTTPS",
    app,
    certificate,
    policy,
    requestBytesMax,
    ...hearing,
  });
}
