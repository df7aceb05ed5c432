import {
  bfdPorts,
  decodeEchoPacket,
  echoEtherTypes,
  echoFrame,
  encodeEchoPacket,
  readEchoFrame,
  type SeenFrame,
} from "#core/bfd/mod.ts";
import { type Family, type Mac, macToBytes } from "#core/net/mod.ts";
import { echoFilter, MemoryBlock, PacketSocket } from "#io/mod.ts";
import type { Source } from "../loop.ts";
import type { Watched } from "./watched.ts";

const turnBudget = 256;
/** Sent with 255, and forwarded once (RFC 5881 §5). */
const leastTtl = 254;
const frameBytesMax = 256;

/** A session whose Echo packets go over a link: the addresses of both ends, and the peer's MAC as soon as it is known. */
interface EchoUser {
  readonly ownAddress: Uint8Array;
  readonly peerAddress: Uint8Array;
  peerMac?: Uint8Array;
}

/**
 * Echo packets of one family on one interface: they go to the peer's MAC and are addressed to this node, so that the
 * peer's forwarding sends them back. The kernel would neither send nor take them, which is why they are whole frames.
 */
export class EchoLink implements Source {
  readonly index: number;
  readonly family: Family;
  readonly #socket: PacketSocket;
  readonly #users = new Map<Watched, EchoUser>();
  readonly #gone: (link: EchoLink, now: number) => void;
  readonly #block = new MemoryBlock(4_096);
  readonly #received = this.#block.carve(2_048);
  readonly #sent = this.#block.carve(frameBytesMax);
  #mac: Uint8Array;

  /** Throws a SystemError. */
  constructor(
    link: { name: string; index: number; mac: Mac },
    family: Family,
    gone: (link: EchoLink, now: number) => void,
  ) {
    this.index = link.index;
    this.family = family;
    this.#gone = gone;
    this.#mac = macToBytes(link.mac);
    this.#socket = new PacketSocket(link.name, link.index, echoEtherTypes[family], this.#filter());
  }

  get fd(): number {
    return this.#socket.fd;
  }

  get isUsed(): boolean {
    return this.#users.size > 0;
  }

  setMac(mac: Mac): void {
    this.#mac = macToBytes(mac);
  }

  users(): Watched[] {
    return [...this.#users.keys()];
  }

  /** The session's ends, copied. What is the same changes nothing. */
  add(session: Watched, ownAddress: Uint8Array, peerAddress: Uint8Array): void {
    const known = this.#users.get(session);
    if (known && Buffer.compare(known.ownAddress, ownAddress) === 0) return;
    this.#users.set(session, { ownAddress: ownAddress.slice(), peerAddress: peerAddress.slice() });
    this.#socket.attach(this.#filter());
  }

  remove(session: Watched): void {
    if (this.#users.delete(session)) this.#socket.attach(this.#filter());
  }

  /** False where it did not leave. */
  send(session: Watched, sequence: number): boolean {
    const user = this.#users.get(session);
    if (!user?.peerMac) return false;
    const { localDiscr, echoSecret: secret } = session;
    const payload = encodeEchoPacket({ localDiscr, secret, sequence });
    const { ownAddress, peerMac } = user;
    const frame = echoFrame({ ownMac: this.#mac, peerMac, ownAddress }, payload);
    this.#sent.bytes.set(frame);
    return this.#socket.send(this.#sent, frame.length) === 0;
  }

  serve(now: number): void {
    for (let count = 0; count < turnBudget; count++) {
      const length = this.#socket.receive(this.#received);
      if (length < 0) this.#gone(this, now);
      if (length <= 0) return;
      const seen = readEchoFrame(this.#received.bytes.subarray(0, length));
      if (seen?.destinationPort === bfdPorts.echo) this.#cameBack(seen, now);
      else if (seen?.destinationPort === bfdPorts.singleHop) this.#learn(seen, now);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #cameBack({ payload, ttl }: SeenFrame, now: number): void {
    const echo = decodeEchoPacket(payload);
    if (!echo || ttl < leastTtl) return;
    for (const session of this.#users.keys()) {
      if (session.localDiscr !== echo.localDiscr || session.echoSecret !== echo.secret) continue;
      session.counters.echoIn++;
      session.apply({ type: "echo", sequence: echo.sequence }, now);
    }
  }

  /** A control packet says by which MAC its sender is reached. */
  #learn({ source, sourceMac }: SeenFrame, now: number): void {
    for (const [session, user] of this.#users) {
      if (Buffer.compare(user.peerAddress, source) !== 0) continue;
      if (user.peerMac && Buffer.compare(user.peerMac, sourceMac) === 0) continue;
      user.peerMac = sourceMac.slice();
      session.apply({ type: "echoPath", isOpen: true }, now);
    }
  }

  #filter(): Uint8Array {
    const users = [...this.#users.values()];
    return echoFilter(this.index, this.family, {
      own: [...new Set(users.map(({ ownAddress }) => lastWord(ownAddress)))],
      peers: [...new Set(users.map(({ peerAddress }) => lastWord(peerAddress)))],
    });
  }
}

function lastWord(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset + address.length - 4, 4).getUint32(0);
}
