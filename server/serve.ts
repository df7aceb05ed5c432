import { lstat, unlink } from "node:fs/promises";
import type { Context, Hono } from "hono";

export interface ServeOptions {
  hostname: string;
  /** 0 picks a free port; see {@link Served.port}. */
  port: number;
  /** Also listens there: a Unix socket crosses network namespaces. A socket left by an earlier run is replaced. */
  unixSocket?: string;
}

export interface Served {
  readonly port: number;
  /** Closes the listeners and every open connection, streams included. */
  stop(): Promise<void>;
}

/** Quiet connections are closed after this long, except those that {@link keepOpen} spoke for. */
const idleTimeoutSeconds = 30;

/** Largest request body: a login form. */
export const requestBytesMax = 64 * 1024;

/** Serves the app over TCP, and over a Unix socket where one is named. */
export async function serve(app: Hono, options: ServeOptions): Promise<Served> {
  const common = {
    maxRequestBodySize: requestBytesMax,
    fetch: (request: Request, server: unknown) => app.fetch(request, { server }),
  };
  const tcp = Bun.serve({
    ...common,
    hostname: options.hostname,
    port: options.port,
    // Said outright, for outside development Bun would share the port with whoever asks for it too.
    reusePort: false,
    idleTimeout: idleTimeoutSeconds,
  });
  const servers: { stop(closeActive: boolean): Promise<void> }[] = [tcp];
  if (options.unixSocket !== undefined) {
    await removeSocket(options.unixSocket);
    // Bun's `timeout()` has no effect on a Unix socket (1.4.5), so the whole listener waits for ever; its types
    // know no idleTimeout there, though it obeys.
    const patience: object = { idleTimeout: 0 };
    servers.push(Bun.serve({ ...common, unix: options.unixSocket, ...patience }));
  }
  return {
    port: tcp.port ?? options.port,
    async stop() {
      await Promise.all(servers.map((server) => server.stop(true)));
      if (options.unixSocket !== undefined) await removeSocket(options.unixSocket);
    },
  };
}

async function removeSocket(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSocket()) await unlink(path);
}

/** What the handlers use of Bun's server, which {@link serve} passes on in `c.env`; absent in `app.request()`. */
interface BunServer {
  timeout(request: Request, seconds: number): void;
  requestIP(request: Request): { address: string } | null;
}

function bunServer(c: Context): BunServer | undefined {
  return (c.env as { server?: BunServer } | undefined)?.server;
}

/** Bun cuts a connection that is quiet for its idle timeout; a stream or a long poll may be quiet for longer. */
export function keepOpen(c: Context): void {
  bunServer(c)?.timeout(c.req.raw, 0);
}

/** Where the request came from, for rate limits; one name for all where the socket has no address. */
export function remoteAddress(c: Context): string {
  return bunServer(c)?.requestIP(c.req.raw)?.address ?? "local";
}
