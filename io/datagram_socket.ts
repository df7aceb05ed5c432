import type { Family, IpAddress } from "#core/net/mod.ts";
import { attachFilter } from "./attach_filter.ts";
import { type Datagram, ReceivedMessage } from "./datagram_message.ts";
import { AF_INET, AF_INET6, EADDRINUSE, libc, SOCK_DGRAM, SystemError } from "./libc.ts";
import { MemoryBlock, type Region } from "./memory.ts";
import { type Endpoint, sockaddrBytesMax, writeSockaddr } from "./sockaddr.ts";
import { bindSocket, localEndpoint, openSocket, setBytesOption, setIntOption } from "./socket.ts";
import { ttlFilter } from "./ttl_filter.ts";

export interface DatagramOptions {
  readonly family: Family;
  /** Absent: any of this node. */
  readonly address?: IpAddress;
  /** Interface index of a link-local address. */
  readonly scopeId?: number;
  /** One, or the first free one of a range, looked for from a point that the caller's `random` (0 to 1) chooses. */
  readonly port: number | { readonly first: number; readonly last: number; readonly random: number };
  /** An interface or a VRF to receive from and send through (SO_BINDTODEVICE). */
  readonly device?: string;
  /** TTL or hop limit of what is sent. */
  readonly ttl: number;
  /** Says of each datagram where it came in and with which TTL; one that only sends keeps next to nothing of what it is sent. */
  readonly isReceiver: boolean;
  /** Most of what arrives with a lower TTL is dropped by the kernel (RFC 5082); the rest is for the receiver to judge. */
  readonly minimumTtl?: number;
}

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_BINDTODEVICE = 25;
const IPV6_V6ONLY = 26;
/** Level, TTL sent, traffic class, and the options by which the kernel tells of TTL and interface. */
const familyOptions = {
  ipv4: { family: AF_INET, level: 0, ttl: 2, trafficClass: 1, tellTtl: 12, tellInterface: 8 },
  ipv6: { family: AF_INET6, level: 41, ttl: 16, trafficClass: 67, tellTtl: 51, tellInterface: 49 },
};
/** DSCP CS6, "network control" (RFC 4594 §3.1): what routers keep when a link is full. */
const networkControl = 48 << 2;
/** Datagrams of 256 peers that all spoke while the thread was held up. */
const receiveBufferBytes = 1 << 20;
const portAttempts = 64;

/** A UDP socket for a poll loop that knows TTLs: it sends with one, and tells of those that arrive. It never waits. */
export class DatagramSocket {
  readonly fd: number;
  readonly #libc = libc();
  readonly #address = new MemoryBlock(0).carve(sockaddrBytesMax);
  readonly #message: ReceivedMessage | undefined;

  /** Throws a SystemError, such as EADDRINUSE where another program has the port. */
  constructor(options: DatagramOptions) {
    const { family, level, ttl, trafficClass, tellTtl, tellInterface } = familyOptions[options.family];
    const what = describe(options);
    this.fd = openSocket(family, SOCK_DGRAM, 0, what);
    try {
      if (options.family === "ipv6") setIntOption(this.fd, level, IPV6_V6ONLY, 1, what);
      setIntOption(this.fd, level, ttl, options.ttl, what);
      setIntOption(this.fd, level, trafficClass, networkControl, what);
      setIntOption(this.fd, SOL_SOCKET, SO_RCVBUF, options.isReceiver ? receiveBufferBytes : 0, what);
      if (options.isReceiver) {
        setIntOption(this.fd, level, tellTtl, 1, what);
        setIntOption(this.fd, level, tellInterface, 1, what);
        this.#message = new ReceivedMessage(options.family);
      }
      if (options.device !== undefined)
        setBytesOption(this.fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(options.device), what);
      if (options.minimumTtl !== undefined)
        attachFilter(this.fd, ttlFilter(options.family, options.minimumTtl));
      this.#bind(options);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The next datagram, which holds until the next call; undefined when there is none. */
  receive(): Datagram | undefined {
    return this.#message?.receive(this.fd);
  }

  /** Gives 0, or the errno. */
  send(bytes: Region, length: number, to: Endpoint): number {
    const addressLength = writeSockaddr(this.#address.bytes, to);
    const result = this.#libc.sendto(this.fd, bytes.pointer, length, 0, this.#address.pointer, addressLength);
    return result === -1 ? this.#libc.errno() : 0;
  }

  /** As bound. */
  get port(): number {
    return localEndpoint(this.fd)?.port ?? 0;
  }

  close(): void {
    this.#libc.close(this.fd);
  }

  #bind({ family, address, scopeId, port }: DatagramOptions): void {
    const any: IpAddress = { family, value: 0n };
    const scope = scopeId === undefined ? {} : { scopeId };
    const { first, last, random } = typeof port === "number" ? { first: port, last: port, random: 0 } : port;
    const count = last - first + 1;
    const start = Math.floor(random * count);
    for (let attempt = 0; ; attempt++) {
      try {
        const tried = first + ((start + attempt) % count);
        bindSocket(this.fd, { address: address ?? any, port: tried, ...scope });
        return;
      } catch (error) {
        const isTaken = error instanceof SystemError && error.errno === EADDRINUSE;
        if (!isTaken || attempt + 1 >= Math.min(portAttempts, count)) throw error;
      }
    }
  }
}

function describe({ family, port, device }: DatagramOptions): string {
  const which = typeof port === "number" ? `port ${port}` : `a port from ${port.first} to ${port.last}`;
  const through = device === undefined ? "" : ` through ${device}`;
  return `open UDP ${which} for ${family === "ipv4" ? "IPv4" : "IPv6"}${through}`;
}
