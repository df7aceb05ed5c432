import { createConnection, createServer, type Socket } from "node:net";
import type { Logger } from "#k8s/mod.ts";

export interface DialerOptions {
  /** Who connects here names an address of this namespace and is connected to it. */
  unixSocket: string;
  log: Logger;
  signal: AbortSignal;
}

/** `127.0.0.1 7472`; the longest IPv6 address and a port take less. */
const requestBytesMax = 64;
const requestLimitMs = 5_000;

/**
 * The way into this network namespace, for `kubectl port-forward`: the first line says where to, the answer is `ok` or
 * what went wrong, and from then on bytes are carried both ways.
 */
export function startDialer({ unixSocket, log, signal }: DialerOptions): Promise<void> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (from) => {
    open.add(from);
    from.on("error", (error) => log.debug("dialer: a connection failed", { error: String(error) }));
    from.on("close", () => open.delete(from));
    void serve(from);
  });
  signal.addEventListener("abort", () => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(unixSocket, () => resolve());
  });
}

async function serve(from: Socket): Promise<void> {
  try {
    const [address = "", port = ""] = (await readRequest(from)).split(" ");
    const to = await connect(address, Number(port));
    to.on("error", () => from.destroy());
    from.on("error", () => to.destroy());
    from.on("close", () => !from.readableEnded && to.destroy());
    to.on("close", () => !to.readableEnded && from.destroy());
    from.write("ok\n");
    from.pipe(to);
    to.pipe(from);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    from.end(`${code === "ECONNREFUSED" ? "connection refused" : message}\n`);
  }
}

/** Nothing comes behind it: who asks waits for the answer. */
function readRequest(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const done = (error?: Error) => {
      clearTimeout(timer);
      socket.off("data", read);
      socket.pause();
      if (error) reject(error);
      else resolve(text.trimEnd());
    };
    const timer = setTimeout(() => done(new Error("no address was named in time")), requestLimitMs);
    const read = (bytes: Buffer) => {
      text += bytes.toString("latin1");
      if (text.endsWith("\n")) done();
      else if (text.length > requestBytesMax) done(new Error("the address is too long"));
    };
    socket.on("data", read);
    socket.once("close", () => done(new Error("the connection was closed")));
  });
}

function connect(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, allowHalfOpen: true, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
