import type { Endpoint } from "#core/membership/memberlist/mod.ts";

/** How often a send is repeated that met somebody else's error. */
const repeatsMax = 8;

/**
 * The ring's UDP socket.
 *
 * On Bun, an ICMP "port unreachable" that one peer caused is reported by the next send as ECONNREFUSED, whomever that
 * is for, and that datagram is lost. Each such error is reported once, so the send is repeated until it goes.
 */
export class Datagrams {
  readonly #socket: Bun.udp.Socket<"uint8array">;
  #isClosed = false;

  private constructor(socket: Bun.udp.Socket<"uint8array">) {
    this.#socket = socket;
  }

  static async open(
    local: Endpoint,
    receive: (bytes: Uint8Array, from: Endpoint) => void,
  ): Promise<Datagrams> {
    const socket = await Bun.udpSocket({
      hostname: local.address,
      port: local.port,
      binaryType: "uint8array",
      socket: {
        data: (_, bytes, port, address) => receive(bytes, { address: unmapped(address), port }),
        // Without a handler the same ICMP error would be an uncaught exception.
        error() {},
      },
    });
    return new Datagrams(socket);
  }

  get port(): number {
    return this.#socket.port;
  }

  /** Undefined when it went out; else why not. A full buffer counts as gone out: UDP may lose anything. */
  send(bytes: Uint8Array, to: Endpoint): string | undefined {
    if (this.#isClosed) return "closed";
    for (let repeats = 0; ; repeats++) {
      try {
        this.#socket.send(bytes, to.port, to.address);
        return undefined;
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (code !== "ECONNREFUSED" || repeats >= repeatsMax) return code ?? message;
      }
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

/** A socket of both families names an IPv4 peer in its IPv6 form. */
function unmapped(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
