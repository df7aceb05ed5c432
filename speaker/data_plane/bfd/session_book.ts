import { addressToBytes, type IpAddress, parseAddress } from "#core/net/mod.ts";
import { type Datagram, interfaceIndex, SystemError } from "#io/mod.ts";
import type { ReceiverKind } from "./receivers.ts";
import type { Watched } from "./watched.ts";

/** The sessions by all that names them (RFC 5880 §6.3). */
export class SessionBook {
  readonly #byKey = new Map<string, Watched>();
  readonly #byDiscriminator = new Map<number, Watched>();
  /** By port, VRF and the peer's address. */
  readonly #bySender = new Map<string, Watched[]>();

  get size(): number {
    return this.#byKey.size;
  }

  all(): Iterable<Watched> {
    return this.#byKey.values();
  }

  byKey(key: string): Watched | undefined {
    return this.#byKey.get(key);
  }

  byDiscriminator(localDiscr: number): Watched | undefined {
    return this.#byDiscriminator.get(localDiscr);
  }

  /** Several may have the peer's address: by other interfaces, or with other addresses of this node. */
  bySender(
    kind: ReceiverKind,
    { source, destination, interfaceIndex: index }: Datagram,
  ): Watched | undefined {
    const sessions = this.#bySender.get(senderKey(kind, source)) ?? [];
    const here = sessions.filter(({ settings }) => hasIndex(settings.interface, index));
    return here.find(({ settings }) => isAddress(settings.localAddress, destination)) ?? here[0];
  }

  /** RFC 5880 §6.8.1: unique, not zero, and hard to guess. */
  freeDiscriminator(): number {
    for (;;) {
      const [discr = 0] = crypto.getRandomValues(new Uint32Array(1));
      if (discr !== 0 && !this.#byDiscriminator.has(discr)) return discr;
    }
  }

  add(session: Watched, address: IpAddress): void {
    const { key } = session.settings;
    this.#byKey.set(key, session);
    this.#byDiscriminator.set(session.localDiscr, session);
    const sender = senderKey(kindOf(session, address), addressToBytes(address));
    this.#bySender.set(sender, [...(this.#bySender.get(sender) ?? []), session]);
  }

  /** It is looked for no more, but its peer may still name it. */
  retire(session: Watched): void {
    this.#byKey.delete(session.settings.key);
    for (const [sender, sessions] of this.#bySender) {
      const others = sessions.filter((each) => each !== session);
      if (others.length === 0) this.#bySender.delete(sender);
      else this.#bySender.set(sender, others);
    }
  }

  forget(session: Watched): void {
    this.#byDiscriminator.delete(session.localDiscr);
  }
}

function kindOf({ settings }: Watched, { family }: IpAddress): ReceiverKind {
  return { family, isMultihop: settings.isMultihop, vrf: settings.vrf ?? "" };
}

function senderKey({ isMultihop, vrf }: ReceiverKind, source: Uint8Array): string {
  return `${isMultihop} ${vrf} ${source.toHex()}`;
}

/** Its index may be another than when the session began: interfaces are made anew under their old names. */
function hasIndex(name: string | undefined, index: number): boolean {
  if (name === undefined) return true;
  try {
    return interfaceIndex(name) === index;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

function isAddress(text: string | undefined, bytes: Uint8Array): boolean {
  const address = text === undefined ? undefined : parseAddress(text);
  return !address || Buffer.compare(addressToBytes(address), bytes) === 0;
}
