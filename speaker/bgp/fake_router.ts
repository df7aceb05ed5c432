import {
  type CodecContext,
  decodeMessage,
  encodeMessage,
  ipv4Unicast,
  isEndOfRib,
  type Message,
  MessageFramer,
  type MessageType,
} from "#core/bgp/mod.ts";
import { formatPrefix, type IpAddress } from "#core/net/mod.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import type { Dial } from "./dial.ts";

const wire: CodecContext = { fourOctetAs: true, isExternal: true };
const localAddress: IpAddress = { family: "ipv4", value: 0x0a630008n };

/** For tests without a network: a router in memory that answers OPEN with OPEN and KEEPALIVE. */
export class FakeRouter {
  /** Every connection made so far. */
  readonly connections: FakeConnection[] = [];
  refuses: string | undefined;

  constructor(
    readonly asn: number,
    readonly holdTimeSeconds = 90,
  ) {}

  readonly dial: Dial = async () => {
    if (this.refuses !== undefined) throw new Error(this.refuses);
    const connection = new FakeConnection(this);
    this.connections.push(connection);
    return { connection, localAddress };
  };

  get last(): FakeConnection {
    const last = this.connections.at(-1);
    if (!last) throw new Error("Nobody dialled");
    return last;
  }
}

export class FakeConnection implements Connection {
  /** What the speaker sent. */
  readonly received: Message[] = [];
  readonly table = new Set<string>();
  isClosed = false;
  /** While set, nothing is read: what is written stays blocked. */
  #isStuck = false;
  #waiting: Uint8Array[] = [];
  readonly #framer = new MessageFramer();
  #events: ConnectionEvents | undefined;

  constructor(readonly router: FakeRouter) {}

  get isBlocked(): boolean {
    return this.#waiting.length > 0;
  }

  start(events: ConnectionEvents): void {
    this.#events = events;
  }

  write(bytes: Uint8Array): void {
    if (this.#isStuck) this.#waiting.push(bytes);
    else this.#read(bytes);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  count(type: MessageType): number {
    return this.received.filter((message) => message.type === type).length;
  }

  /** Stops reading, as a router whose process hangs. */
  stick(): void {
    this.#isStuck = true;
  }

  unstick(): void {
    this.#isStuck = false;
    for (const bytes of this.#waiting.splice(0)) this.#read(bytes);
    this.#events?.drained();
  }

  send(message: Message): void {
    this.sendBytes(encodeMessage(message, wire));
  }

  sendBytes(bytes: Uint8Array): void {
    if (!this.isClosed) this.#events?.data(bytes);
  }

  lose(reason: string): void {
    this.#events?.lost(reason);
  }

  #read(bytes: Uint8Array): void {
    for (const whole of this.#framer.push(bytes)) {
      const message = decodeMessage(whole, wire);
      this.received.push(message);
      if (message.type === "OPEN") queueMicrotask(() => this.#answer());
      if (message.type !== "UPDATE" || isEndOfRib(message)) continue;
      for (const prefix of message.withdrawn) this.table.delete(formatPrefix(prefix));
      for (const prefix of message.nlri) this.table.add(formatPrefix(prefix));
    }
  }

  #answer(): void {
    const { asn, holdTimeSeconds } = this.router;
    this.send({
      type: "OPEN",
      myAS: asn,
      holdTimeSeconds,
      bgpIdentifier: 0x0a630003,
      capabilities: [
        { name: "Multiprotocol", value: ipv4Unicast },
        { name: "RouteRefresh", value: true },
        { name: "FourOctetAs", value: asn },
      ],
    });
    this.send({ type: "KEEPALIVE" });
  }
}
