import { formatAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import { AF_INET, AF_INET6, EINPROGRESS, ETIMEDOUT, libc, SOCK_STREAM, SystemError } from "./libc.ts";
import { type Endpoint, formatEndpoint } from "./sockaddr.ts";
import {
  bindSocket,
  connectSocket,
  getIntOption,
  interfaceIndex,
  isWritable,
  localEndpoint,
  openSocket,
  setBytesOption,
  setIntOption,
} from "./socket.ts";
import { setTcpMd5 } from "./tcp_md5.ts";

export interface DialOptions {
  /** The peer; a link-local IPv6 address carries its zone, `fe80::1%eth0`. */
  address: string;
  port: number;
  /** Of the peer's family; the kernel chooses when absent. */
  sourceAddress?: string;
  /** An interface or a VRF to send through (SO_BINDTODEVICE). */
  device?: string;
  /** TTL or hop limit of every packet, the SYN included: 1 for plain eBGP, 255 for RFC 5082. */
  ttl?: number;
  /** Packets that arrive with less are dropped by the kernel: 255 for RFC 5082 (GTSM). */
  minTtl?: number;
  /** RFC 2385, at most 80 bytes. */
  md5Key?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface DialedTcp {
  /** Connected and non-blocking. Hand it to `Bun.connect({ fd })`, which then owns and closes it. */
  fd: number;
  localAddress: string;
  localPort: number;
}

/** A connect that comes back within one of these costs no more than it; a slow one costs 20 looks a second. */
const firstLookMs = 1;
const slowestLookMs = 50;

/**
 * Connects with the options that must be set before the SYN, which Bun has no door for. The connection is awaited
 * here and not after adoption, because Bun loses why an adopted connect failed.
 *
 * Rejects with a {@link SystemError} (`code` such as ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT), or the signal's reason.
 */
export async function dialTcp(options: DialOptions): Promise<DialedTcp> {
  options.signal?.throwIfAborted();
  const peer = parsePeer(options);
  const fd = openSocket(
    peer.address.family === "ipv4" ? AF_INET : AF_INET6,
    SOCK_STREAM,
    0,
    `dial ${formatEndpoint(peer)}`,
  );
  try {
    prepare(fd, peer.address, options);
    await connect(fd, peer, options);
    const local = localEndpoint(fd);
    if (!local) throw new Error(`Cannot dial ${formatEndpoint(peer)}: the socket has no address of its own`);
    return { fd, localAddress: formatAddress(local.address), localPort: local.port };
  } catch (error) {
    libc().close(fd);
    throw error;
  }
}

function parsePeer(options: DialOptions): Endpoint {
  const [text = "", zone] = options.address.split("%");
  const address = parseAddress(text);
  if (!address) throw new TypeError(`Cannot dial "${options.address}": it is not an IP address`);
  return { address, port: options.port, ...(zone ? { scopeId: interfaceIndex(zone) } : {}) };
}

const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_BINDTODEVICE = 25;
/** Level, option for the TTL sent, option for the least TTL accepted. */
const ttlOptions = {
  ipv4: { level: 0, ttl: 2, minTtl: 21 },
  ipv6: { level: 41, ttl: 16, minTtl: 73 },
};

function prepare(fd: number, peer: IpAddress, options: DialOptions): void {
  const { level, ttl, minTtl } = ttlOptions[peer.family];
  setIntOption(fd, IPPROTO_TCP, TCP_NODELAY, 1, "set TCP_NODELAY");
  if (options.ttl !== undefined) setIntOption(fd, level, ttl, options.ttl, `set TTL ${options.ttl}`);
  if (options.minTtl !== undefined)
    setIntOption(fd, level, minTtl, options.minTtl, `set minimum TTL ${options.minTtl}`);
  if (options.device !== undefined) {
    const name = new TextEncoder().encode(options.device);
    setBytesOption(fd, SOL_SOCKET, SO_BINDTODEVICE, name, `bind to device "${options.device}"`);
  }
  if (options.md5Key) setTcpMd5(fd, peer, options.md5Key);
  if (options.sourceAddress !== undefined) {
    const source = parseAddress(options.sourceAddress);
    if (source?.family !== peer.family)
      throw new TypeError(
        `Cannot dial ${formatAddress(peer)} from "${options.sourceAddress}": it is not an ${peer.family === "ipv4" ? "IPv4" : "IPv6"} address`,
      );
    bindSocket(fd, { address: source, port: 0 });
  }
}

async function connect(fd: number, peer: Endpoint, options: DialOptions): Promise<void> {
  const what = `connect to ${formatEndpoint(peer)}`;
  const errno = connectSocket(fd, peer);
  if (errno !== 0 && errno !== EINPROGRESS) throw new SystemError(what, "connect", errno);
  const deadline = performance.now() + options.timeoutMs;
  for (let lookMs = firstLookMs; !isWritable(fd); lookMs = Math.min(lookMs * 2, slowestLookMs)) {
    if (performance.now() >= deadline) throw new SystemError(what, "connect", ETIMEDOUT);
    await Bun.sleep(lookMs);
    options.signal?.throwIfAborted();
  }
  const failure = getIntOption(fd, SOL_SOCKET, SO_ERROR, what);
  if (failure !== 0) throw new SystemError(what, "connect", failure);
}
