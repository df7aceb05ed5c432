import type { SandboxApi } from "./api.ts";
import type { ServingCertificate } from "./certificates.ts";
import { upgradeOf, type WebSocketData, websocket } from "./serve_websocket.ts";

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
  /** Closes every listener and connection, open watches with them. */
  stop(): Promise<void>;
}

/** Serves the API on HTTPS, over TCP and, where asked, over a Unix socket. */
export function serveSandboxApi(api: SandboxApi, options: ServeOptions): ServingSandboxApi {
  const { hostname, port, unixSocket, certificate } = options;
  const tls = { cert: certificate.certPem, key: certificate.keyPem };
  const common = {
    tls,
    development: false as const,
    websocket,
    error: () => new Response("internal error", { status: 500 }),
  };
  const fetch = async (request: Request, server: Bun.Server<WebSocketData>) => {
    // A quiet watch sends nothing for a minute, longer than Bun lets a connection be idle.
    server.timeout(request, 0);
    const upgrade = upgradeOf(server, request);
    const response = await api.fetch(request, upgrade.take);
    return upgrade.isTaken ? undefined : response;
  };
  // Said outright, for outside development Bun would share the port with whoever asks for it too.
  const tcp = Bun.serve({ ...common, hostname, port, fetch, reusePort: false });
  const listeners: { stop(closeActive: boolean): Promise<void> }[] = [tcp];
  try {
    if (unixSocket !== undefined) {
      // On a Unix socket Bun heeds idleTimeout, though its types deny it, and not server.timeout().
      const patience: object = { idleTimeout: 0 };
      listeners.push(Bun.serve({ ...common, unix: unixSocket, fetch, ...patience }));
    }
  } catch (error) {
    void tcp.stop(true);
    throw error;
  }
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `https://${host}:${tcp.port}`,
    port: tcp.port ?? port,
    async stop() {
      await Promise.all(listeners.map((listener) => listener.stop(true)));
    },
  };
}
