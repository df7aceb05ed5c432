import { BgpError, extendedMessageLengthMax, MessageFramer } from "#core/bgp/mod.ts";
import type { Connection } from "./connection.ts";
import type { Dial } from "./dial.ts";
import type { LocalEnd } from "./next_hops.ts";
import type { PeerTarget } from "./types.ts";

/** What comes from the peer's side. */
export interface TransportEvents {
  connected(local: LocalEnd, warning: string | undefined): void;
  /** Nothing answers: what is likely behind it. */
  silent(words: string): void;
  /** The attempt to connect, or the connection, came to an end: in words. */
  failed(reason: string): void;
  /** One whole message; may throw the BgpError that is in it. */
  message(bytes: Uint8Array): void;
  /** What cannot be read is an error of the peer. */
  malformed(error: BgpError): void;
  /** Everything written is with the kernel. */
  drained(): void;
}

/** Octets to and from a peer, over all its connections. */
export interface Traffic {
  sent: number;
  received: number;
}

/** The connection of one session, from dialling to farewell; at most one at a time. */
export class Transport {
  readonly #dial: Dial;
  readonly #traffic: Traffic;
  readonly #events: TransportEvents;
  #dialing: AbortController | undefined;
  #connection: Connection | undefined;
  /** Attempts since the last connection. */
  #attempts = 0;
  /** Since the last connection: to look again would only disturb. */
  #isSilenceExplained = false;

  constructor(dial: Dial, traffic: Traffic, events: TransportEvents) {
    this.#dial = dial;
    this.#traffic = traffic;
    this.#events = events;
  }

  /** Connected, and the kernel takes more. */
  get isWritable(): boolean {
    return this.#connection !== undefined && !this.#connection.isBlocked;
  }

  /** Undefined while there is none. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  connect(peer: PeerTarget): void {
    const dialing = new AbortController();
    this.#dialing = dialing;
    this.#attempts++;
    const onSilence = this.#mayLook() ? (words: string) => this.#explain(words) : undefined;
    this.#dial(peer, dialing.signal, onSilence).then(
      ({ connection, local, warning }) => {
        if (dialing.signal.aborted) return void connection.close();
        this.#dialing = undefined;
        this.#take(connection, () => this.#events.connected(local, warning));
      },
      (error: Error) => {
        if (dialing.signal.aborted) return;
        this.#dialing = undefined;
        this.#events.failed(error.message);
      },
    );
  }

  /** A connection that the peer dialled; `announce` tells the owner before anything is read from it. */
  adopt(connection: Connection, announce: () => void): void {
    void this.close();
    this.#take(connection, announce);
  }

  write(bytes: Uint8Array): void {
    if (!this.#connection) return;
    this.#traffic.sent += bytes.length;
    this.#connection.write(bytes);
  }

  /** Gives up the attempt, or closes after what was written; resolves when the connection is gone. */
  close(): Promise<void> {
    this.#dialing?.abort();
    this.#dialing = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    return connection?.close() ?? Promise.resolve();
  }

  #take(connection: Connection, announce: () => void): void {
    this.#connection = connection;
    this.#attempts = 0;
    this.#isSilenceExplained = false;
    announce();
    this.#listen(connection);
  }

  /** At attempts 1, 2, 4, 8 and so on: a host that answers nothing is not to be knocked at for ever. */
  #mayLook(): boolean {
    return !this.#isSilenceExplained && (this.#attempts & (this.#attempts - 1)) === 0;
  }

  /** An explanation may come after the attempt that it explains, but not after the next connection. */
  #explain(words: string): void {
    if (this.#connection || this.#isSilenceExplained) return;
    this.#isSilenceExplained = true;
    this.#events.silent(words);
  }

  #listen(connection: Connection): void {
    const framer = new MessageFramer();
    // RFC 8654 §4: we offer to receive long messages, so the peer may send them.
    framer.lengthMax = extendedMessageLengthMax;
    const isCurrent = () => this.#connection === connection;
    connection.start({
      data: (chunk) => {
        this.#traffic.received += chunk.length;
        if (isCurrent()) this.#read(framer, chunk, isCurrent);
      },
      drained: () => {
        if (isCurrent()) this.#events.drained();
      },
      lost: (reason) => {
        if (!isCurrent()) return;
        this.#connection = undefined;
        this.#events.failed(reason);
      },
    });
  }

  #read(framer: MessageFramer, chunk: Uint8Array, isCurrent: () => boolean): void {
    try {
      for (const bytes of framer.push(chunk)) {
        this.#events.message(bytes);
        // A message may have ended the session.
        if (!isCurrent()) return;
      }
    } catch (error) {
      if (!(error instanceof BgpError)) throw error;
      this.#events.malformed(error);
    }
  }
}
