import { bfdPorts, singleHopTtl, sourcePorts } from "#core/bfd/mod.ts";
import { type IpAddress, parseAddress } from "#core/net/mod.ts";
import {
  DatagramSocket,
  type Endpoint,
  errnoName,
  interfaceIndex,
  MemoryBlock,
  SystemError,
} from "#io/mod.ts";
import type { BfdSessionSettings } from "./types.ts";

const reopenMs = 1_000;
const scratch = new MemoryBlock(0).carve(64);

/** The way to one peer: a socket with a source port of its own (RFC 5881 §4), opened anew where the world changed. */
export class Sender {
  readonly #settings: BfdSessionSettings;
  readonly #address: IpAddress;
  readonly #port: number;
  #open: { socket: DatagramSocket; to: Endpoint } | undefined;
  #openAfter = -Infinity;
  #trouble: string | undefined;

  constructor(settings: BfdSessionSettings, address: IpAddress) {
    this.#settings = settings;
    this.#address = address;
    this.#port = settings.isMultihop ? bfdPorts.multihop : bfdPorts.singleHop;
  }

  /** Why the last packet could not be sent, or what is not as the settings want it. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** True where the kernel took it. */
  send(packet: Uint8Array, now: number): boolean {
    if (!this.#open && now >= this.#openAfter) this.#begin(now);
    if (!this.#open) return false;
    scratch.bytes.set(packet);
    const errno = this.#open.socket.send(scratch, packet.length, this.#open.to);
    if (errno === 0) return true;
    this.#fail(`Cannot send BFD packets to ${this.#settings.address}: sendto: ${errnoName(errno)}`, now);
    return false;
  }

  close(): void {
    this.#open?.socket.close();
    this.#open = undefined;
  }

  #begin(now: number): void {
    const { localAddress, address } = this.#settings;
    this.#trouble = undefined;
    try {
      const local = localAddress === undefined ? undefined : parseAddress(localAddress);
      this.#open = local ? this.#tryFrom(local) : this.#connect();
      if (localAddress !== undefined && !this.#open) {
        this.#trouble = `BFD packets to ${address} do not come from ${localAddress}: it is not an address of this node`;
        this.#open = this.#connect();
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#fail(error.message, now);
    }
  }

  /** Undefined where the address is not of this node. */
  #tryFrom(local: IpAddress): { socket: DatagramSocket; to: Endpoint } | undefined {
    try {
      return this.#connect(local);
    } catch (error) {
      if (error instanceof SystemError && error.code === "EADDRNOTAVAIL") return undefined;
      throw error;
    }
  }

  #connect(local?: IpAddress): { socket: DatagramSocket; to: Endpoint } {
    const { vrf, interface: through } = this.#settings;
    const device = through ?? vrf;
    const scope = through === undefined ? {} : { scopeId: interfaceIndex(through) };
    const socket = new DatagramSocket({
      family: this.#address.family,
      port: { ...sourcePorts, random: Math.random() },
      ttl: singleHopTtl,
      isReceiver: false,
      ...scope,
      ...(local && { address: local }),
      ...(device !== undefined && { device }),
    });
    return { socket, to: { address: this.#address, port: this.#port, ...scope } };
  }

  #fail(trouble: string, now: number): void {
    this.close();
    this.#trouble = trouble;
    this.#openAfter = now + reopenMs;
  }
}
