import { connect, createServer, type Server, type Socket } from "node:net";
import { type Endpoint, type StreamMessage, type Wire, WireFault } from "#core/membership/memberlist/mod.ts";

export interface StreamsOptions {
  readonly wire: Wire;
  /** One that takes longer from its opening to its end is given up. */
  readonly timeoutMs: number;
  /** Somebody opened a stream and said this; what comes back is sent and the stream closed. */
  answer(message: StreamMessage, from: Endpoint): Uint8Array | undefined;
  fault(fault: WireFault, from: Endpoint): void;
}

/** How many may be open at a time; memberlist takes 128 full exchanges at once. */
export const incomingMax = 64;
export const outgoingMax = 16;

/** The ring's TCP: one message from each side of a connection, bounded in size, time and number. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #incoming = new Set<Socket>();
  readonly #outgoing = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  listen({ address, port }: Endpoint): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address, port, exclusive: true }, () => {
        server.off("error", reject);
        server.on("error", () => {});
        resolve();
      });
    });
  }

  /** Sends and waits for the one message that comes back. Rejects with why there was none. */
  async ask(to: Endpoint, bytes: Uint8Array, timeoutMs: number): Promise<StreamMessage> {
    if (this.#outgoing.size >= outgoingMax) throw new Error(`${outgoingMax} connections are open already`);
    const { promise, resolve, reject } = Promise.withResolvers<StreamMessage>();
    const decoder = this.#options.wire.streamDecoder(false);
    const socket = connect({ host: to.address, port: to.port, noDelay: true });
    this.#outgoing.add(socket);
    const limit = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once("connect", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => {
      const message = decoder.push(chunk);
      if (message instanceof WireFault) reject(new StreamFaultError(message));
      else if (message) resolve(message);
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed without an answer")));
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#outgoing.delete(socket);
      socket.destroy();
    }
  }

  close(): void {
    this.#server?.close();
    for (const socket of [...this.#incoming, ...this.#outgoing]) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#incoming.size >= incomingMax) {
      socket.destroy();
      return;
    }
    this.#incoming.add(socket);
    const { wire, timeoutMs } = this.#options;
    const from = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    const decoder = wire.streamDecoder(true);
    const limit = setTimeout(() => socket.destroy(), timeoutMs);
    let isDone = false;
    socket.on("data", (chunk: Buffer) => {
      const message = isDone ? undefined : decoder.push(chunk);
      if (!message) return;
      isDone = true;
      if (message instanceof WireFault) this.#options.fault(message, from);
      const answer =
        message instanceof WireFault ? wire.refusal(message.detail) : this.#options.answer(message, from);
      if (answer) socket.end(answer);
      else socket.end();
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      clearTimeout(limit);
      this.#incoming.delete(socket);
    });
  }
}

/** The other side answered with what is no message of this ring. */
export class StreamFaultError extends Error {
  constructor(readonly fault: WireFault) {
    super(fault.detail);
    this.name = "StreamFaultError";
  }
}
