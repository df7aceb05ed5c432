import { bfdPorts, singleHopTtl } from "#core/bfd/mod.ts";
import { addressFromBytes } from "#core/net/mod.ts";
import { type Datagram, DatagramSocket, MemoryBlock, SystemError } from "#io/mod.ts";
import type { Source } from "../loop.ts";
import type { Problems } from "../problems.ts";

const turnBudget = 256;

/**
 * Sends back what peers send as Echo packets to an IPv6 address of this node, as FRR does, whose IPv6 echoes do not ask
 * for forwarding. Only for peers with a session, and once: what comes back has one hop less.
 */
export class EchoMirror implements Source {
  readonly #socket: DatagramSocket;
  readonly #isPeer: (datagram: Datagram) => boolean;
  readonly #sent = new MemoryBlock(4_096).carve(2_048);

  private constructor(isPeer: (datagram: Datagram) => boolean) {
    this.#isPeer = isPeer;
    const ttl = singleHopTtl - 1;
    this.#socket = new DatagramSocket({ family: "ipv6", port: bfdPorts.echo, ttl, isReceiver: true });
  }

  static open(
    isPeer: (datagram: Datagram) => boolean,
    problems: Problems,
    now: number,
  ): EchoMirror | undefined {
    try {
      return new EchoMirror(isPeer);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      problems.say(`BFD echoes of IPv6 peers are not sent back: ${error.message}`, now);
      return undefined;
    }
  }

  get fd(): number {
    return this.#socket.fd;
  }

  serve(): void {
    for (let count = 0; count < turnBudget; count++) {
      const datagram = this.#socket.receive();
      if (!datagram) return;
      const { payload, source, sourcePort, ttl, interfaceIndex } = datagram;
      const address = addressFromBytes(source);
      if (ttl !== singleHopTtl || !address || !this.#isPeer(datagram)) continue;
      this.#sent.bytes.set(payload);
      this.#socket.send(this.#sent, payload.length, { address, port: sourcePort, scopeId: interfaceIndex });
    }
  }

  close(): void {
    this.#socket.close();
  }
}
