import {
  announcedPrefixes,
  type Capability,
  type CodecContext,
  decodeMessage,
  encodeMessage,
  ipv4Unicast,
  type Message,
  MessageFramer,
  type MessageType,
  withdrawnPrefixes,
} from "#core/bgp/mod.ts";
import { formatPrefix, type IpAddress } from "#core/net/mod.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import type { Dial } from "./dial.ts";
import type { LocalEnd } from "./next_hops.ts";

const wire: CodecContext = { fourOctetAs: true, isExternal: true };
/** 10.99.0.8 and fd99::8 on one interface. */
const local: LocalEnd = {
  address: { family: "ipv4", value: 0x0a630008n },
  besides: [{ family: "ipv6", value: (0xfd99n << 112n) + 8n }],
};

/** For tests without a network: a router in memory that answers OPEN with OPEN and KEEPALIVE. */
export class FakeRouter {
  /** Every connection made so far. */
  readonly connections: FakeConnection[] = [];
  refuses: string | undefined;
  /** A new connection under a new password would come up. */
  acceptsPassword = false;
  /** Beside each connection. */
  warning: string | undefined;
  /** What it offers beside route refresh and its AS number. */
  capabilities: Capability[] = [{ name: "Multiprotocol", value: ipv4Unicast }];

  constructor(
    readonly asn: number,
    readonly holdTimeSeconds = 90,
  ) {}

  /** Of each attempt, what would be told about silence; undefined where nobody wants to know. */
  readonly looks: (((words: string) => void) | undefined)[] = [];

  readonly dial: Dial = async (_peer, _signal, onSilence) => {
    this.looks.push(onSilence);
    if (this.refuses !== undefined) throw new Error(this.refuses);
    const connection = new FakeConnection(this);
    this.connections.push(connection);
    return { connection, local, ...(this.warning !== undefined && { warning: this.warning }) };
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
  /** Every key that was set on it. */
  readonly keys: (string | undefined)[] = [];
  /** It acknowledges nothing: our key is not its key. */
  isDeaf = false;
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

  rekey(_peer: IpAddress, key: string | undefined): void {
    this.keys.push(key);
  }

  unacknowledged(): number {
    return this.isDeaf ? 1 : 0;
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
      if (message.type !== "UPDATE") continue;
      for (const prefix of withdrawnPrefixes(message)) this.table.delete(formatPrefix(prefix));
      for (const prefix of announcedPrefixes(message)) this.table.add(formatPrefix(prefix));
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
        ...this.router.capabilities,
        { name: "RouteRefresh", value: true },
        { name: "FourOctetAs", value: asn },
      ],
    });
    this.send({ type: "KEEPALIVE" });
  }
}
