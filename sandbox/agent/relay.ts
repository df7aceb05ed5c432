import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Logger } from "#k8s/mod.ts";

export interface RelayOptions {
  /** `host:port`, such as `127.0.0.1:6443`; port 0 takes any free one. */
  listen: string;
  /** Path of the socket that each connection is carried to; asked anew for each where it is a question. */
  unixSocket: string | (() => string);
  log: Logger;
  signal: AbortSignal;
}

export interface Relay {
  readonly port: number;
  /** Open connections. */
  readonly connections: number;
}

/**
 * Carries TCP connections to a Unix socket, byte for byte: a Unix socket crosses network namespaces, TCP does not. Each
 * direction is throttled by its reader (`pipe`), closes on its own (half-close), and a failure of one side ends the
 * other. Connections have no idle limit, for a quiet watch stays open for minutes.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { listen, unixSocket, log, signal } = options;
  const colon = listen.lastIndexOf(":");
  const open = new Set<Socket>();
  const target = typeof unixSocket === "string" ? () => unixSocket : unixSocket;
  const failed = (error: Error) =>
    log.debug("relay: a connection failed", { unixSocket: target(), error: String(error) });
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (from) => {
    const to = createConnection({ path: target(), allowHalfOpen: true });
    join(from, to, open, failed);
    join(to, from, open, failed);
  });
  await listening(server, listen.slice(0, colon), Number(listen.slice(colon + 1)));
  server.on("error", (error) => log.error("relay: the listener failed", { listen, error: String(error) }));
  signal.addEventListener("abort", () => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    get connections() {
      return open.size / 2;
    },
  };
}

function join(from: Socket, to: Socket, open: Set<Socket>, failed: (error: Error) => void): void {
  open.add(from);
  from.on("error", (error) => {
    failed(error);
    to.destroy();
  });
  from.on("close", () => {
    open.delete(from);
    // Nothing more can be answered to a side that is gone; what it sent before has been handed on by `pipe`.
    if (!from.readableEnded) to.destroy();
  });
  from.pipe(to);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new Error(`Cannot listen on ${host}:${port} for the relay to the API: ${cause.message}`, { cause }),
      ),
    );
    server.listen({ host, port, backlog: 511 }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}
