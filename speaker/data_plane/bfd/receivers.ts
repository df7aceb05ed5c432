import { bfdPorts, singleHopTtl } from "#core/bfd/mod.ts";
import type { Family } from "#core/net/mod.ts";
import { type Datagram, DatagramSocket, SystemError } from "#io/mod.ts";
import type { Source } from "../loop.ts";
import type { Problems } from "../problems.ts";

/** Which sessions a port is for. */
export interface ReceiverKind {
  readonly family: Family;
  readonly isMultihop: boolean;
  /** "": none. */
  readonly vrf: string;
}

/** Datagrams read before the others have their turn. */
const turnBudget = 256;
const reopenMs = 5_000;

/** UDP 3784 or 4784 of one family, in one VRF. */
export class Receiver implements Source {
  readonly portMinimumTtl: number;
  readonly #socket: DatagramSocket;
  readonly #heard: (receiver: Receiver, datagram: Datagram, now: number) => void;

  constructor(
    readonly kind: ReceiverKind,
    heard: (receiver: Receiver, datagram: Datagram, now: number) => void,
  ) {
    const { family, isMultihop, vrf } = kind;
    this.portMinimumTtl = isMultihop ? 1 : singleHopTtl;
    this.#heard = heard;
    this.#socket = new DatagramSocket({
      family,
      port: isMultihop ? bfdPorts.multihop : bfdPorts.singleHop,
      ttl: singleHopTtl,
      isReceiver: true,
      minimumTtl: this.portMinimumTtl,
      ...(vrf !== "" && { device: vrf }),
    });
  }

  get fd(): number {
    return this.#socket.fd;
  }

  serve(now: number): void {
    for (let count = 0; count < turnBudget; count++) {
      const datagram = this.#socket.receive();
      if (!datagram) return;
      this.#heard(this, datagram, now);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** The ports that the present sessions need; one that cannot be opened is tried again. */
export class Receivers {
  readonly #problems: Problems;
  readonly #heard: (receiver: Receiver, datagram: Datagram, now: number) => void;
  readonly #changed: () => void;
  #open = new Map<string, Receiver>();
  #wanted: readonly ReceiverKind[] = [];
  #retryAt = Infinity;

  constructor(
    problems: Problems,
    heard: (receiver: Receiver, datagram: Datagram, now: number) => void,
    changed: () => void,
  ) {
    this.#problems = problems;
    this.#heard = heard;
    this.#changed = changed;
  }

  sources(): Source[] {
    return [...this.#open.values()];
  }

  want(kinds: readonly ReceiverKind[], now: number): void {
    this.#wanted = kinds;
    const before = this.#open;
    this.#open = new Map();
    this.#retryAt = Infinity;
    for (const kind of kinds) {
      const key = kindKey(kind);
      if (this.#open.has(key)) continue;
      const receiver = before.get(key) ?? this.#tryOpen(kind, now);
      before.delete(key);
      if (receiver) this.#open.set(key, receiver);
    }
    for (const receiver of before.values()) receiver.close();
    this.#changed();
  }

  nextDeadline(): number {
    return this.#retryAt;
  }

  expire(now: number): void {
    if (this.#retryAt <= now) this.want(this.#wanted, now);
  }

  close(): void {
    for (const receiver of this.#open.values()) receiver.close();
    this.#open.clear();
  }

  #tryOpen(kind: ReceiverKind, now: number): Receiver | undefined {
    try {
      return new Receiver(kind, this.#heard);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      const hint = error.code === "EADDRINUSE" ? "; another BFD daemon on this node has it" : "";
      this.#problems.say(`No BFD session can come up: ${error.message}${hint}`, now);
      this.#retryAt = now + reopenMs;
      return undefined;
    }
  }
}

function kindKey({ family, isMultihop, vrf }: ReceiverKind): string {
  return `${family} ${isMultihop} ${vrf}`;
}
