import { controlFrame, dataFrame, flagFin, frameType, readFrame, resetStatus, words } from "./frames.ts";
import { HeaderCompression, type Headers } from "./header_block.ts";

/** One stream that the client has opened. */
export interface SpdyStream {
  readonly id: number;
  readonly headers: Headers;
  /** What the client sends; ends with its FIN, fails when the stream is reset or the connection ends. */
  readonly incoming: ReadableStream<Uint8Array>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sends no more. */
  end(): Promise<void>;
  reset(): Promise<void>;
  /** Both sides are done with it: its number is never used again. */
  forget(): void;
}

export interface SpdySessionOptions {
  /** Resolves when there is room for more. */
  send(bytes: Uint8Array): Promise<void>;
  /** Asked of each new stream before it is accepted; a text says why it is refused. */
  opened(stream: SpdyStream): string | undefined;
  /** The client broke the protocol: nothing more is read. */
  failed(error: Error): void;
}

interface Open {
  readonly input: ReadableStreamDefaultController<Uint8Array>;
  hasEnded: boolean;
}

const frameBytesMax = 1024 * 1024;
/** spdystream hands larger pieces over in several frames too. */
const dataBytesMax = 32 * 1024;
const streamsMax = 2_000;
/** That a stream's reader has not taken yet: a WebSocket cannot be told to wait, and there is no flow control. */
const waitingBytesMax = 256 * 1024 * 1024;

/**
 * The server's side of SPDY/3.1 as far as Kubernetes uses it (moby/spdystream): streams that the client opens, data both
 * ways, half-close and reset. There is no flow control in that library, and so there is none here.
 */
export class SpdySession {
  readonly #options: SpdySessionOptions;
  readonly #compression = new HeaderCompression();
  readonly #streams = new Map<number, Open>();
  #unread: Buffer = Buffer.alloc(0);
  /** Frames are worked off one after the other: header blocks are one compressed stream. */
  #inbox: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: SpdySessionOptions) {
    this.#options = options;
  }

  receive(bytes: Uint8Array): void {
    this.#inbox = this.#inbox
      .then(() => this.#take(bytes))
      .catch((error: Error) => {
        if (this.#isClosed) return;
        this.close();
        this.#options.failed(error);
      });
  }

  /** Fails every stream. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.values()) fail(stream, "the connection has ended");
    this.#streams.clear();
    this.#compression.close();
  }

  async #take(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    this.#unread = this.#unread.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const read = readFrame(this.#unread, frameBytesMax);
      if (!read || this.#isClosed) return;
      this.#unread = this.#unread.subarray(read.length);
      const { frame } = read;
      if (frame.isControl) await this.#control(frame.type, frame.flags, frame.body);
      else this.#data(frame.streamId, frame.flags, frame.body);
    }
  }

  async #control(type: number, flags: number, body: Buffer): Promise<void> {
    switch (type) {
      case frameType.synStream:
        return this.#open(body.readUInt32BE(0) & 0x7fff_ffff, flags, body.subarray(10));
      case frameType.rstStream: {
        const id = body.readUInt32BE(0);
        const stream = this.#streams.get(id);
        this.#streams.delete(id);
        if (stream) fail(stream, "the client has reset the stream");
        return;
      }
      case frameType.ping:
        // Not awaited, here and below: a client that reads slowly must not hold up what it sends.
        void this.#options.send(controlFrame(frameType.ping, 0, body));
        return;
      case frameType.headers:
        // Nobody sends any, yet a block that is not unpacked would spoil those after it.
        await this.#compression.unpack(body.subarray(4));
        return;
      // SETTINGS, GOAWAY, WINDOW_UPDATE and what else there is ask for nothing.
    }
  }

  #data(id: number, flags: number, body: Buffer): void {
    const stream = this.#streams.get(id);
    if (!stream || stream.hasEnded) return;
    if (body.length > 0) stream.input.enqueue(body);
    if ((stream.input.desiredSize ?? 0) < 0) {
      this.#streams.delete(id);
      fail(stream, `more than ${waitingBytesMax} bytes wait to be taken`);
      void this.#options.send(controlFrame(frameType.rstStream, 0, words(id, resetStatus.internalError)));
      return;
    }
    if (flags & flagFin) endInput(stream);
  }

  async #open(id: number, flags: number, block: Buffer): Promise<void> {
    const headers = await this.#compression.unpack(block);
    // §2.3.2: ids of a client are odd and never used twice.
    if (id % 2 === 0 || this.#streams.has(id)) throw new Error(`SPDY stream ${id} cannot be opened`);
    const { promise: ready, resolve: begin } = Promise.withResolvers<void>();
    let input: ReadableStreamDefaultController<Uint8Array> | undefined;
    const source = {
      start(controller: ReadableStreamDefaultController<Uint8Array>) {
        input = controller;
      },
    };
    const strategy = new ByteLengthQueuingStrategy({ highWaterMark: waitingBytesMax });
    const incoming = new ReadableStream<Uint8Array>(source, strategy);
    if (!input) throw new Error("a stream was not started");
    const open: Open = { input, hasEnded: false };
    const refused = this.#streams.size >= streamsMax ? "too many streams" : undefined;
    const stream = this.#stream(id, headers, incoming, ready);
    if (refused !== undefined || this.#options.opened(stream) !== undefined) {
      return this.#options.send(controlFrame(frameType.rstStream, 0, words(id, resetStatus.refusedStream)));
    }
    this.#streams.set(id, open);
    if (flags & flagFin) endInput(open);
    const reply = Buffer.concat([words(id), await this.#compression.pack(new Map())]);
    // Not awaited: frames leave in the order of their sending, and a slow reader must not hold up what it sends.
    void this.#options.send(controlFrame(frameType.synReply, 0, reply));
    begin();
  }

  #stream(
    id: number,
    headers: Headers,
    incoming: ReadableStream<Uint8Array>,
    ready: Promise<void>,
  ): SpdyStream {
    const { send } = this.#options;
    let hasEnded = false;
    const finish = async (frame: Buffer) => {
      await ready;
      if (hasEnded || this.#isClosed) return;
      hasEnded = true;
      await send(frame);
    };
    return {
      id,
      headers,
      incoming,
      write: async (bytes) => {
        await ready;
        for (let at = 0; at < bytes.length && !hasEnded && !this.#isClosed; at += dataBytesMax) {
          await send(dataFrame(id, 0, bytes.subarray(at, at + dataBytesMax)));
        }
      },
      end: () => finish(dataFrame(id, flagFin, new Uint8Array())),
      forget: () => {
        const open = this.#streams.get(id);
        this.#streams.delete(id);
        if (open) endInput(open);
      },
      reset: async () => {
        const open = this.#streams.get(id);
        this.#streams.delete(id);
        if (open) fail(open, "the stream was reset");
        await finish(controlFrame(frameType.rstStream, 0, words(id, resetStatus.cancel)));
      },
    };
  }
}

function endInput(stream: Open): void {
  if (stream.hasEnded) return;
  stream.hasEnded = true;
  stream.input.close();
}

function fail(stream: Open, why: string): void {
  if (stream.hasEnded) return;
  stream.hasEnded = true;
  stream.input.error(new Error(why));
}
