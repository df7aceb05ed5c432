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
import { formatAddress, formatPrefix, type IpAddress } from "#core/net/mod.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import type { Dial } from "./dial.ts";
import type { Accepted, Listen, ListenAt } from "./listeners.ts";
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
  /** New connections are answered by nothing. */
  isMute = false;
  /** What it offers beside route refresh and its AS number. */
  capabilities: Capability[] = [{ name: "Multiprotocol", value: ipv4Unicast }];

  constructor(
    readonly asn: number,
    readonly holdTimeSeconds = 90,
    /** 10.99.0.3, lower than ours, 10.99.0.8. */
    readonly bgpIdentifier = 0x0a630003,
  ) {}

  /** Of each attempt, what would be told about silence; undefined where nobody wants to know. */
  readonly looks: (((words: string) => void) | undefined)[] = [];

  /** Where somebody listens for it. */
  readonly listening: {
    at: ListenAt;
    keys: Map<string, string | undefined>;
    accepted: (one: Accepted) => void;
  }[] = [];
  /** Such as EADDRINUSE: nobody can listen. */
  portIsTaken: Error | undefined;

  readonly listen: Listen = (at, accepted) => {
    if (this.portIsTaken) throw this.portIsTaken;
    const keys = new Map<string, string | undefined>();
    const entry = { at, keys, accepted };
    this.listening.push(entry);
    return {
      setKey: (peer, key) => keys.set(formatAddress(peer), key),
      stop: () => void this.listening.splice(this.listening.indexOf(entry), 1),
    };
  };

  /** Dials in, from 10.99.0.3 unless it is said otherwise. */
  dialIn(from: bigint = 0x0a630003n): FakeConnection {
    const connection = new FakeConnection(this);
    this.connections.push(connection);
    const peer = { family: "ipv4" as const, value: from };
    this.listening[0]?.accepted({ connection, peer, local: local.address, requireTtl() {} });
    return connection;
  }

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
  /** It reads and says nothing. */
  isMute = false;
  /** It acknowledges nothing: our key is not its key. */
  isDeaf = false;
  /** While set, nothing is read: what is written stays blocked. */
  #isStuck = false;
  #waiting: Uint8Array[] = [];
  readonly #framer = new MessageFramer();
  #events: ConnectionEvents | undefined;

  constructor(readonly router: FakeRouter) {
    this.isMute = router.isMute;
  }

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
    if (this.isMute) return;
    this.sendOpen();
    this.send({ type: "KEEPALIVE" });
  }

  sendOpen(): void {
    const { asn, holdTimeSeconds, bgpIdentifier } = this.router;
    this.send({
      type: "OPEN",
      myAS: asn,
      holdTimeSeconds,
      bgpIdentifier,
      capabilities: [
        ...this.router.capabilities,
        { name: "RouteRefresh", value: true },
        { name: "FourOctetAs", value: asn },
      ],
    });
  }
}
