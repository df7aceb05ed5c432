import { ipv4Unicast, ipv6Unicast, type SessionParameters, unicastOf } from "#core/bgp/mod.ts";
import { formatAddress, type IpAddress } from "#core/net/mod.ts";
import type { PeerSettings } from "./types.ts";

const defaultHoldTimeMs = 90_000;
const defaultConnectTimeMs = 10_000;
/** The pause after a first failure; it doubles up to the connect time. */
const firstPauseMs = 250;

/** How long peers keep our routes while we are away: FRR's default, and so MetalLB's. */
export const restartTimeSeconds = 120;

/** MetalLB's fields as the state machine's parameters. */
export function sessionParameters(
  peer: PeerSettings,
  nodeName: string,
  hasRestarted = false,
): SessionParameters {
  const { keepaliveTimeMs, longLivedStaleSeconds, dualStackAddressFamily = false } = peer;
  const family = peer.address?.family;
  const isDual = dualStackAddressFamily || family === undefined;
  return {
    localAS: peer.myASN,
    peerAS: peer.peerASN,
    hostName: nodeName,
    // As FRR: a keepalive time alone makes a hold time of three times as much.
    holdTimeMs: peer.holdTimeMs ?? (keepaliveTimeMs === undefined ? defaultHoldTimeMs : 3 * keepaliveTimeMs),
    ...(keepaliveTimeMs !== undefined && { keepaliveTimeMs }),
    idleHoldTimeMs: firstPauseMs,
    ...liveParameters(peer),
    families: isDual ? [ipv4Unicast, ipv6Unicast] : [unicastOf(family)],
    extendedNextHop: isDual && family !== "ipv4",
    ...(peer.enableGracefulRestart && {
      gracefulRestart: {
        restartTimeSeconds,
        hasRestarted,
        ...(longLivedStaleSeconds !== undefined && { longLivedStaleSeconds }),
      },
    }),
  };
}

/** What the state machine heeds at once, whatever its state. */
export function liveParameters(
  peer: PeerSettings,
): Pick<SessionParameters, "connectRetryTimeMs" | "idleHoldTimeMaxMs" | "isPassive"> {
  const connectTimeMs = peer.connectTimeMs ?? defaultConnectTimeMs;
  return {
    connectRetryTimeMs: connectTimeMs,
    idleHoldTimeMaxMs: connectTimeMs,
    isPassive: peer.connection === "passive",
  };
}

/** Whether the running session may go on under the other settings; it heeds what differs at once. */
export function sameSession(a: PeerSettings, b: PeerSettings): boolean {
  return sessionKey(a) === sessionKey(b);
}

/** All that the OPEN or the connection was made of. */
function sessionKey({
  bfdProfile: _bfd,
  password: _password,
  connectTimeMs: _connectTime,
  connection: _connection,
  gracefulShutdownMs: _shutdown,
  ...peer
}: PeerSettings): string {
  const fields = Object.entries(peer).filter(([, value]) => value !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? value.toString() : value));
}

/** Whether it is the same router in the same roles, so that it may keep our routes over a new session (RFC 4724). */
export function keepsRoutes(before: PeerSettings, after: PeerSettings): boolean {
  const identity = ({ address, interface: device, vrf, myASN, peerASN, port }: PeerSettings) =>
    [address && formatAddress(address), device, vrf, myASN, peerASN, port].join(" ");
  return after.enableGracefulRestart === true && identity(before) === identity(after);
}

/**
 * RFC 4271 §4.2, RFC 6286: 32 bits, not zero, one per node. MetalLB's order: as configured, the IPv4 address of the
 * connection, a checksum of the node's name.
 */
export function bgpIdentifier(peer: PeerSettings, localAddress: IpAddress, nodeName: string): number {
  const address = peer.routerID ?? localAddress;
  if (address.family === "ipv4") return Number(address.value);
  return Bun.hash.crc32(nodeName) || 1;
}

/** Log name of a peer. */
export function peerLabel(peer: PeerSettings): string {
  return `${peer.name} (${peer.address ? formatAddress(peer.address) : peer.interface})`;
}
