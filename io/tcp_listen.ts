import type { Family, IpAddress } from "#core/net/mod.ts";
import { AF_INET, AF_INET6, check, libc, SOCK_STREAM } from "./libc.ts";
import { MemoryBlock } from "./memory.ts";
import { type Endpoint, formatEndpoint, readSockaddr, sockaddrBytesMax } from "./sockaddr.ts";
import { bindSocket, localEndpoint, openSocket, setBytesOption, setIntOption } from "./socket.ts";

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** Level, option for the TTL sent, option for the least TTL accepted. */
const ttlOptions = {
  ipv4: { level: 0, ttl: 2, minTtl: 21 },
  ipv6: { level: IPPROTO_IPV6, ttl: 16, minTtl: 73 },
};

const backlog = 64;

export interface ListenOptions {
  /** The family's unspecified address for any; an IPv6 socket takes IPv6 alone. */
  address: IpAddress;
  /** 0: the kernel chooses. */
  port: number;
  /** An interface or a VRF (SO_BINDTODEVICE). */
  device?: string;
  /** Of every accepted connection, the SYN-ACK included. */
  ttl?: number;
}

/** A socket that listens, non-blocking. Hand it to `Bun.listen({ fd })`, which then owns and closes it. */
export function listenTcp({ address, port, device, ttl }: ListenOptions): { fd: number; port: number } {
  const endpoint: Endpoint = { address, port };
  const what = `listen on ${formatEndpoint(endpoint)}`;
  const fd = openSocket(address.family === "ipv4" ? AF_INET : AF_INET6, SOCK_STREAM, 0, what);
  try {
    setIntOption(fd, SOL_SOCKET, SO_REUSEADDR, 1, "set SO_REUSEADDR");
    if (address.family === "ipv6") setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "set IPV6_V6ONLY");
    const option = ttlOptions[address.family];
    if (ttl !== undefined) setIntOption(fd, option.level, option.ttl, ttl, `set TTL ${ttl}`);
    if (device !== undefined) {
      const name = new TextEncoder().encode(device);
      setBytesOption(fd, SOL_SOCKET, SO_BINDTODEVICE, name, `bind to device "${device}"`);
    }
    bindSocket(fd, endpoint);
    check(libc().listen(fd, backlog), what, "listen");
    return { fd, port: localEndpoint(fd)?.port ?? port };
  } catch (error) {
    libc().close(fd);
    throw error;
  }
}

const block = new MemoryBlock(1_024);
const peerAddress = block.carve(sockaddrBytesMax);
const length = block.carve(4);

/** Both ends of a connection; undefined where it is gone already. */
export function tcpEnds(fd: number): { local: Endpoint; peer: Endpoint } | undefined {
  length.view.setUint32(0, sockaddrBytesMax, true);
  if (libc().getpeername(fd, peerAddress.pointer, length.pointer) === -1) return undefined;
  const peer = readSockaddr(peerAddress.bytes);
  const local = localEndpoint(fd);
  return peer && local && { local, peer };
}

/** From now on packets of the connection that arrive with a smaller TTL are dropped (RFC 5082). */
export function requireTtl(fd: number, family: Family, ttl: number): void {
  const { level, minTtl } = ttlOptions[family];
  setIntOption(fd, level, minTtl, ttl, `set minimum TTL ${ttl}`);
}
