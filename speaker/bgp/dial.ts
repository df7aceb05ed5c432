import { formatAddress, parseAddress } from "#core/net/mod.ts";
import { dialTcp, SystemError } from "#io/mod.ts";
import { type Connection, TcpConnection } from "./connection.ts";
import { type LocalEnd, localEnd } from "./next_hops.ts";
import { explainSilence } from "./silence.ts";
import type { PeerTarget } from "./types.ts";

export interface Dialed {
  readonly connection: Connection;
  readonly local: LocalEnd;
  /** Not as it was asked for: in words. */
  readonly warning?: string;
}

/**
 * Opens a TCP connection to the peer; rejects with an error whose message is fit to be shown. `onSilence`, where given,
 * is called once with what is likely behind it when nothing answers.
 */
export type Dial = (
  peer: PeerTarget,
  signal: AbortSignal,
  onSilence?: (words: string) => void,
) => Promise<Dialed>;

/** The state machine's ConnectRetryTimer gives up earlier; this is for the day it does not. */
const timeoutMs = 120_000;

/**
 * RFC 5082 §3: with TTL 255 a packet passes both a peer that demands it (GTSM) and routers on the way to a peer that
 * is several hops off; a smaller one can only lose.
 */
const ttl = 255;

/** Silence for so long, or a part of a short connect time, is worth a look: the second SYN is out by then. */
const silentTimeMs = 1_500;
const silentPart = 0.4;

/** Dials by our own system calls, for what must be set before the SYN, and lets Bun adopt the descriptor. */
export const dialPeer: Dial = async (peer, signal, onSilence) => {
  const silentMs = Math.min(silentTimeMs, silentPart * (peer.connectTimeMs ?? Number.POSITIVE_INFINITY));
  const silence = setTimeout(() => onSilence && void explain(peer, onSilence), silentMs);
  try {
    return await connect(peer, signal);
  } catch (error) {
    if (!isForeignSource(error, peer)) throw new Error(failureWords(error, peer), { cause: error });
    return await connectFromAnywhere(peer, signal);
  } finally {
    clearTimeout(silence);
  }
};

async function connect(peer: PeerTarget, signal: AbortSignal): Promise<Dialed> {
  const zone = peer.interface === undefined ? "" : `%${peer.interface}`;
  const dialed = await dialTcp({
    address: `${formatAddress(peer.address)}${zone}`,
    port: peer.port,
    ttl,
    ...(peer.isTtlSecured && { minTtl: ttl }),
    timeoutMs,
    signal,
    ...(peer.sourceAddress && { sourceAddress: formatAddress(peer.sourceAddress) }),
    ...(peer.password !== undefined && { md5Key: peer.password }),
    ...(peer.vrf !== undefined && { device: peer.vrf }),
  });
  const localAddress = parseAddress(dialed.localAddress);
  if (!localAddress) throw new Error(`Cannot read the local address "${dialed.localAddress}"`);
  const local = localEnd(localAddress, peer.interface);
  return { connection: await TcpConnection.adopt(dialed.fd), local };
}

/** A cluster may set one source address for nodes of which not all have it: a session is better than none. */
async function connectFromAnywhere(
  { sourceAddress, ...peer }: PeerTarget,
  signal: AbortSignal,
): Promise<Dialed> {
  const foreign = sourceAddress ? formatAddress(sourceAddress) : "";
  const words = `sourceAddress ${foreign} is not an address of this node: the kernel chooses`;
  try {
    return { ...(await connect(peer, signal)), warning: words };
  } catch (error) {
    throw new Error(`${failureWords(error, peer)}; ${words}`, { cause: error });
  }
}

function isForeignSource(error: unknown, { sourceAddress }: PeerTarget): boolean {
  return sourceAddress !== undefined && error instanceof SystemError && error.code === "EADDRNOTAVAIL";
}

async function explain(peer: PeerTarget, onSilence: (words: string) => void): Promise<void> {
  const words = await explainSilence(peer);
  if (words) onSilence(words);
}

/** What is likely behind the error, beside its name. */
const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there, or a filter rejects us",
  EHOSTUNREACH: "the address does not answer on its network",
  ENETUNREACH: "this node has no route to it",
  ETIMEDOUT: "no answer",
  ENODEV: "this node has no such VRF device",
  EINVAL: "a link-local address needs its interface",
};

function failureWords(error: unknown, { address, port, sourceAddress }: PeerTarget): string {
  const from = sourceAddress ? ` from ${formatAddress(sourceAddress)}` : "";
  const host = address.family === "ipv6" ? `[${formatAddress(address)}]` : formatAddress(address);
  if (!(error instanceof SystemError)) return `TCP connection to ${host}:${port}${from}: ${String(error)}`;
  const cause = causes[error.code];
  return `TCP connection to ${host}:${port}${from}: ${error.code}${cause ? ` (${cause})` : ""}`;
}
