import { type PodConnection, RuntimeError } from "./runtime.ts";
import { closeCode, type MessageSocket, type SocketHandler } from "./socket.ts";
import { SpdySession, type SpdyStream } from "./spdy/mod.ts";

/** SPDY/3.1 inside the messages of a WebSocket (KEP-4006), kubectl's way since 1.31. */
export const portForwardProtocol = "SPDY/3.1+portforward.k8s.io";

/** Two streams of a request belong together: of one connection to the local port. */
interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

/** kubelet waits so long for the second stream of a pair. */
const pairLimitMs = 30_000;

/** Forwards each pair of streams to a connection of its own, to the port that its headers name. */
export function portForward(dial: (port: number) => Promise<PodConnection>): SocketHandler {
  const pairs = new Map<string, Pair>();
  const connections = new Set<PodConnection>();
  const timers = new Set<Timer>();
  let session: SpdySession | undefined;

  return {
    open(socket) {
      session = new SpdySession({
        send: (bytes) => socket.send(bytes),
        opened: (stream) => opened(stream, socket),
        failed: (error) => socket.close(closeCode.protocolError, error.message),
      });
    },
    message: (bytes) => session?.receive(bytes),
    closed() {
      for (const timer of timers) clearTimeout(timer);
      for (const connection of connections) connection.destroy();
      session?.close();
    },
  };

  function opened(stream: SpdyStream, socket: MessageSocket): string | undefined {
    const kind = stream.headers.get("streamtype");
    const port = Number(stream.headers.get("port"));
    const request = stream.headers.get("requestid");
    if (request === undefined) return 'a stream needs the header "requestID"';
    if (kind !== "error" && kind !== "data") return `a stream is of no type "${kind}"`;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return "a stream needs a port";
    const pair = pairs.get(request) ?? {};
    if (pair[kind]) return `there is a ${kind} stream of request ${request} already`;
    pair[kind] = stream;
    pairs.set(request, pair);
    if (!pair.error || !pair.data) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (pairs.delete(request)) void stream.reset();
      }, pairLimitMs);
      timers.add(timer);
      return undefined;
    }
    pairs.delete(request);
    void forward(pair.error, pair.data, port).catch((error) =>
      socket.close(closeCode.internalError, String(error).slice(0, 100)),
    );
    return undefined;
  }

  /** An error is told on the stream of that name; no word on it means that all went well. */
  async function forward(error: SpdyStream, data: SpdyStream, port: number): Promise<void> {
    try {
      const connection = await dial(port);
      connections.add(connection);
      void upload(data, connection);
      try {
        for await (const bytes of connection.incoming) await data.write(bytes);
      } finally {
        connections.delete(connection);
        connection.destroy();
      }
    } catch (problem) {
      const words =
        problem instanceof RuntimeError ? problem.message : `error forwarding port ${port}: ${problem}`;
      await error.write(Buffer.from(words));
    } finally {
      await data.end();
      await error.end();
      data.forget();
      error.forget();
    }
  }
}

async function upload(from: SpdyStream, to: PodConnection): Promise<void> {
  try {
    for await (const bytes of from.incoming) await to.write(bytes);
    to.end();
  } catch {
    // The client has reset the stream, or is gone: nobody reads what may still come.
    to.destroy();
  }
}
