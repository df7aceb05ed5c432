import { parseAddress } from "#core/net/mod.ts";
import { AF_INET, AF_INET6, libc, SOCK_DGRAM } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";
import { sockaddrBytesMax, writeSockaddr } from "./sockaddr.ts";
import { bindSocket, localEndpoint, openSocket, setIntOption } from "./socket.ts";

/** Where datagrams go, as the kernel wants it. */
export interface UdpDestination {
  readonly sockaddr: Region;
  readonly length: number;
}

/** Level, option to bind an address before it is configured, option for the traffic class. */
const familyOptions = {
  ipv4: { family: AF_INET, level: 0, freeBind: 15, trafficClass: 1 },
  ipv6: { family: AF_INET6, level: 41, freeBind: 78, trafficClass: 67 },
};
/** DSCP CS6, "network control" (RFC 4594 §3.1): what routers keep when a link is full. */
const networkControl = 48 << 2;

/**
 * A UDP socket for a poll loop: nothing here waits.
 *
 * It is never connected and does not ask for IP_RECVERR (Bun's own sockets do). So an ICMP "port unreachable" from one
 * peer is not reported by the next send, whoever that is for, in place of sending.
 */
export class UdpSocket {
  readonly fd: number;
  readonly port: number;
  readonly #libc = libc();

  /** Port 0 lets the kernel choose; the address need not be there yet. */
  constructor(address: string, port: number) {
    const parsed = parseAddress(address);
    if (!parsed) throw new TypeError(`Cannot open UDP on "${address}": it is not an IP address`);
    const { family, level, freeBind, trafficClass } = familyOptions[parsed.family];
    const what = `open UDP port ${port} on ${address}`;
    this.fd = openSocket(family, SOCK_DGRAM, 0, what);
    try {
      setIntOption(this.fd, level, freeBind, 1, what);
      setIntOption(this.fd, level, trafficClass, networkControl, what);
      bindSocket(this.fd, { address: parsed, port });
      this.port = localEndpoint(this.fd)?.port ?? port;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The length of the next datagram, put into `into`; 0 when there is none. An empty datagram counts as none. */
  receive(into: Region): number {
    return Math.max(this.#libc.recv(this.fd, into.pointer, into.bytes.length, 0), 0);
  }

  /** Sends the first `length` bytes. Gives 0, or the errno. */
  send(datagram: Region, length: number, to: UdpDestination): number {
    const result = this.#libc.sendto(this.fd, datagram.pointer, length, 0, to.sockaddr.pointer, to.length);
    return result === -1 ? this.#libc.errno() : 0;
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}

/** Undefined where the text is no IP address. */
export function udpDestination(text: string, port: number): UdpDestination | undefined {
  const address = parseAddress(text);
  if (!address) return undefined;
  const sockaddr = new MemoryBlock(0).carve(sockaddrBytesMax);
  return { sockaddr, length: writeSockaddr(sockaddr.bytes, { address, port }) };
}
