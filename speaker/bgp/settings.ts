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
export function sessionParameters(peer: PeerSettings, hasRestarted = false): SessionParameters {
  const { keepaliveTimeMs, dualStackAddressFamily = false } = peer;
  const { family } = peer.address;
  const connectTimeMs = peer.connectTimeMs ?? defaultConnectTimeMs;
  return {
    localAS: peer.myASN,
    peerAS: peer.peerASN,
    // As FRR: a keepalive time alone makes a hold time of three times as much.
    holdTimeMs: peer.holdTimeMs ?? (keepaliveTimeMs === undefined ? defaultHoldTimeMs : 3 * keepaliveTimeMs),
    ...(keepaliveTimeMs !== undefined && { keepaliveTimeMs }),
    connectRetryTimeMs: connectTimeMs,
    idleHoldTimeMs: firstPauseMs,
    idleHoldTimeMaxMs: connectTimeMs,
    isPassive: false,
    families: dualStackAddressFamily ? [ipv4Unicast, ipv6Unicast] : [unicastOf(family)],
    extendedNextHop: dualStackAddressFamily && family === "ipv6",
    ...(peer.enableGracefulRestart && { gracefulRestart: { restartTimeSeconds, hasRestarted } }),
  };
}

/** Whether the running session may go on under the other settings. */
export function sameSettings(a: PeerSettings, b: PeerSettings): boolean {
  return settingsKey(a) === settingsKey(b);
}

function settingsKey({ bfdProfile: _, ...peer }: PeerSettings): string {
  const fields = Object.entries(peer).filter(([, value]) => value !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? value.toString() : value));
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

/** Metric label and log name of a peer. */
export function peerLabel(peer: PeerSettings): string {
  return `${peer.name} (${formatAddress(peer.address)})`;
}
