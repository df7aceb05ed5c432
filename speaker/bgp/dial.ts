import { formatAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import { dialTcp, SystemError } from "#io/mod.ts";
import { type Connection, TcpConnection } from "./connection.ts";
import type { PeerSettings } from "./types.ts";

export interface Dialed {
  readonly connection: Connection;
  /** Ours. */
  readonly localAddress: IpAddress;
}

/** Opens a TCP connection to the peer; rejects with an error whose message is fit to be shown. */
export type Dial = (peer: PeerSettings, signal: AbortSignal) => Promise<Dialed>;

/** The state machine's ConnectRetryTimer gives up earlier; this is for the day it does not. */
const timeoutMs = 120_000;

/**
 * RFC 5082 §3: with TTL 255 a packet passes both a peer that demands it (GTSM) and routers on the way to a peer that
 * is several hops off; a smaller one can only lose.
 */
const ttl = 255;

/** Dials by our own system calls, for what must be set before the SYN, and lets Bun adopt the descriptor. */
export const dialPeer: Dial = async (peer, signal) => {
  const zone = peer.interface === undefined ? "" : `%${peer.interface}`;
  try {
    const dialed = await dialTcp({
      address: `${formatAddress(peer.address)}${zone}`,
      port: peer.port,
      ttl,
      timeoutMs,
      signal,
      ...(peer.sourceAddress && { sourceAddress: formatAddress(peer.sourceAddress) }),
      ...(peer.password !== undefined && { md5Key: peer.password }),
      ...(peer.vrf !== undefined && { device: peer.vrf }),
    });
    const localAddress = parseAddress(dialed.localAddress);
    if (!localAddress) throw new Error(`Cannot read the local address "${dialed.localAddress}"`);
    return { connection: await TcpConnection.adopt(dialed.fd), localAddress };
  } catch (error) {
    throw new Error(failureWords(error, peer), { cause: error });
  }
};

/** What is likely behind the error, beside its name. */
const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there, or a filter rejects us",
  EHOSTUNREACH: "the address does not answer on its network",
  ENETUNREACH: "this node has no route to it",
  ETIMEDOUT: "no answer",
  EADDRNOTAVAIL: "the source address is not one of this node",
};

function failureWords(error: unknown, { address, port, sourceAddress }: PeerSettings): string {
  const from = sourceAddress ? ` from ${formatAddress(sourceAddress)}` : "";
  const host = address.family === "ipv6" ? `[${formatAddress(address)}]` : formatAddress(address);
  if (!(error instanceof SystemError)) return `TCP connection to ${host}:${port}${from}: ${String(error)}`;
  const cause = causes[error.code];
  return `TCP connection to ${host}:${port}${from}: ${error.code}${cause ? ` (${cause})` : ""}`;
}
