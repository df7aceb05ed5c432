import type { IpAddress } from "#core/net/mod.ts";
import { setTcpMd5, tcpUnacknowledged } from "#io/mod.ts";

/** What a connection tells its owner. */
export interface ConnectionEvents {
  data(chunk: Uint8Array): void;
  /** Everything that was written is with the kernel: more may be written. */
  drained(): void;
  /** The peer is gone, in words. Not called after close(). */
  lost(reason: string): void;
}

/** A stream of bytes to and from a peer. */
export interface Connection {
  /** Some of what was written still waits for the kernel: the peer reads slowly, or not at all. */
  readonly isBlocked: boolean;
  /** Events go to their owner from now on, those that have come already first. */
  start(events: ConnectionEvents): void;
  write(bytes: Uint8Array): void;
  /** TCP MD5 from now on with this key; undefined: without one. Throws where the kernel refuses. */
  rekey(peer: IpAddress, key: string | undefined): void;
  /** Segments that the peer has not acknowledged. */
  unacknowledged(): number;
  /** Sends what waits, says that no more comes, reads until the peer closes too, and resolves when all is over. */
  close(): Promise<void>;
}

/** How long a farewell may take: to be sent, and for the peer to close after it. */
const farewellTimeMs = 1_000;

/**
 * One TCP connection on a descriptor that is connected already. Bytes that the kernel does not take wait here, in
 * order: Bun's `write` may be short, and what it did not take would be lost.
 */
export class TcpConnection implements Connection {
  #events: ConnectionEvents | undefined;
  /** What came before start(). */
  readonly #early: ((events: ConnectionEvents) => void)[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #socket: Bun.Socket<TcpConnection> | undefined;
  #queue: Uint8Array[] = [];
  #isClosing = false;
  #hasSaidEnd = false;

  private constructor() {}

  /** Takes the descriptor of a connection that is up over; Bun closes it. */
  static async adopt(fd: number): Promise<TcpConnection> {
    const connection = new TcpConnection();
    // The overloads of connect() do not declare `fd`, which it takes.
    const options = { fd, data: connection, socket: TcpConnection.#handler };
    connection.#socket = await Bun.connect(options as unknown as Bun.TCPSocketConnectOptions<TcpConnection>);
    return connection;
  }

  /** Accepts on the descriptor of a socket that listens, which Bun closes with the listener. */
  static listen(fd: number, accepted: (connection: TcpConnection, fd: number) => void): { stop(): void } {
    const socket: Bun.SocketHandler<TcpConnection> = {
      ...TcpConnection.#handler,
      open(socket) {
        const connection = new TcpConnection();
        connection.#socket = socket;
        socket.data = connection;
        accepted(connection, connection.#fd);
      },
    };
    return Bun.listen({ fd, socket } as unknown as Bun.TCPSocketListenOptions<TcpConnection>);
  }

  static readonly #handler: Bun.SocketHandler<TcpConnection> = {
    binaryType: "uint8array",
    data: ({ data: connection }, chunk) => connection.#receive(chunk),
    drain: ({ data: connection }) => connection.#flush(),
    close: ({ data: connection }, error) => connection.#lose(error),
    error: ({ data: connection }, error) => connection.#lose(error),
  };

  start(events: ConnectionEvents): void {
    this.#events = events;
    for (const deliver of this.#early.splice(0)) deliver(events);
  }

  get isBlocked(): boolean {
    return this.#queue.length > 0;
  }

  write(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    if (this.#queue.length === 1) this.#send();
  }

  rekey(peer: IpAddress, key: string | undefined): void {
    if (!this.#isClosing) setTcpMd5(this.#fd, peer, key ?? "");
  }

  unacknowledged(): number {
    return this.#isClosing ? 0 : tcpUnacknowledged(this.#fd);
  }

  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      const deadline = setTimeout(() => this.#socket?.terminate(), farewellTimeMs);
      void this.#closed.promise.then(() => clearTimeout(deadline));
      this.#sayEnd();
    }
    return this.#closed.promise;
  }

  /** Bun has it, and does not declare it. */
  get #fd(): number {
    return (this.#socket as unknown as { fd: number }).fd;
  }

  /** Unread data at a close would reset the connection, and the peer would lose our NOTIFICATION: so read on. */
  #receive(chunk: Uint8Array): void {
    if (!this.#isClosing) this.#deliver((events) => events.data(chunk));
  }

  #flush(): void {
    if (this.#queue.length === 0) return;
    this.#send();
    if (this.isBlocked) return;
    if (this.#isClosing) this.#sayEnd();
    else this.#deliver((events) => events.drained());
  }

  #send(): void {
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      const taken = this.#socket?.write(first) ?? 0;
      if (taken < first.length) {
        // Negative: closed. The close event says so.
        this.#queue[0] = first.subarray(Math.max(taken, 0));
        return;
      }
      this.#queue.shift();
    }
  }

  #sayEnd(): void {
    if (this.isBlocked || this.#hasSaidEnd) return;
    this.#hasSaidEnd = true;
    this.#socket?.shutdown();
  }

  #lose(error: (Error & { code?: string }) | undefined): void {
    this.#queue = [];
    this.#closed.resolve();
    if (this.#isClosing) return;
    this.#isClosing = true;
    const cause = error?.code ?? error?.message;
    const reason = cause ? `TCP connection lost: ${cause}` : "TCP connection closed by the peer";
    this.#deliver((events) => events.lost(reason));
  }

  #deliver(event: (events: ConnectionEvents) => void): void {
    if (this.#events) event(this.#events);
    else this.#early.push(event);
  }
}
