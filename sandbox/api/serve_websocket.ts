import type { MessageSocket, SocketHandler, Upgrade } from "./streams/mod.ts";

/** What Bun keeps with a WebSocket. */
export interface WebSocketData {
  readonly handler: SocketHandler;
  /** Those who wait for room to send. */
  readonly waiting: Set<() => void>;
}

/** spdystream hands a tunnel pieces of 32 KiB, kubectl's input comes in such too. */
const messageBytesMax = 1024 * 1024;

const lookAgainMs = 20;

/** Bun's side of every WebSocket: what happens is the handler's, and a sender waits while the client reads slowly. */
export const websocket: Bun.WebSocketHandler<WebSocketData> = {
  maxPayloadLength: messageBytesMax,
  // A forwarded port may be quiet for as long as it likes.
  idleTimeout: 0,
  perMessageDeflate: false,
  open(socket) {
    socket.data.handler.open(messageSocket(socket));
  },
  message(socket, message) {
    socket.data.handler.message(typeof message === "string" ? Buffer.from(message) : message);
  },
  drain({ data }) {
    release(data);
  },
  close({ data }) {
    release(data);
    data.handler.closed();
  },
};

export function upgradeOf(
  server: Bun.Server<WebSocketData>,
  request: Request,
): { take: Upgrade; readonly isTaken: boolean } {
  let isTaken = false;
  return {
    take(protocol, handler) {
      const data = { handler, waiting: new Set<() => void>() };
      isTaken = server.upgrade(request, { data, headers: { "Sec-WebSocket-Protocol": protocol } });
      return isTaken;
    },
    get isTaken() {
      return isTaken;
    },
  };
}

function messageSocket(socket: Bun.ServerWebSocket<WebSocketData>): MessageSocket {
  return {
    async send(bytes) {
      // -1: it is queued, and the queue is more than the client takes just now; 0: nobody is there any more.
      if (socket.sendBinary(bytes) !== -1) return;
      // Bun (1.4.5) does not tell of every queue that it has emptied, so that we look, too.
      while (socket.readyState === WebSocket.OPEN && socket.getBufferedAmount() > 0) await room(socket.data);
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

function room({ waiting }: WebSocketData): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, lookAgainMs);
  waiting.add(resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    waiting.delete(resolve);
  });
}

function release({ waiting }: WebSocketData): void {
  const all = [...waiting];
  waiting.clear();
  for (const resolve of all) resolve();
}
