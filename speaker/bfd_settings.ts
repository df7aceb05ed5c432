import type { BfdProfile, BgpPeer } from "#core/config/mod.ts";
import { formatAddress, type IpAddress, parseAddress } from "#core/net/mod.ts";
import type { BfdSessionSettings } from "./data_plane/mod.ts";

/** What BFD must know of the node and its BGP sessions. */
export interface BfdSurroundings {
  /** The address of a peer by BGPPeer name, as text, a link-local one with its zone; undefined while it is not known. */
  readonly addressOf: (peer: string) => string | undefined;
  /** The address is in the subnet of one of the node's interfaces. */
  readonly isConnected: (address: IpAddress) => boolean;
}

/** A session and the BGPPeers it is for: those with the same address in the same VRF share one, as in FRR. */
export interface WantedSession {
  readonly settings: BfdSessionSettings;
  readonly peers: string[];
}

/** One session for each peer that names a BFDProfile and whose address is known; the first peer of an address decides. */
export function wantedSessions(
  peers: readonly BgpPeer[],
  profiles: readonly BfdProfile[],
  surroundings: BfdSurroundings,
): WantedSession[] {
  const wanted = new Map<string, WantedSession>();
  for (const peer of peers) {
    const profile = profiles.find(({ name }) => name === peer.bfdProfile);
    const settings = profile && sessionSettings(peer, profile, surroundings);
    if (!settings) continue;
    const known = wanted.get(settings.key);
    if (known) known.peers.push(peer.name);
    else wanted.set(settings.key, { settings, peers: [peer.name] });
  }
  return [...wanted.values()];
}

function sessionSettings(
  peer: BgpPeer,
  profile: BfdProfile,
  { addressOf, isConnected }: BfdSurroundings,
): BfdSessionSettings | undefined {
  const text = peer.peerAddress ? formatAddress(peer.peerAddress) : addressOf(peer.name);
  const [bare = "", zone] = (text ?? "").split("%");
  const address = parseAddress(bare);
  if (!address) return undefined;
  const through = zone ?? peer.interface;
  return {
    key: sessionKey(bare, peer.vrf ?? "", through),
    address: bare,
    isMultihop: isMultihop(peer, address, isConnected),
    ...(peer.sourceAddress && { localAddress: formatAddress(peer.sourceAddress) }),
    ...(through !== undefined && { interface: through }),
    ...(peer.vrf !== undefined && { vrf: peer.vrf }),
    transmitIntervalMs: profile.transmitIntervalMs,
    receiveIntervalMs: profile.receiveIntervalMs,
    detectMultiplier: profile.detectMultiplier,
    minimumTtl: profile.minimumTtl,
    passiveMode: profile.passiveMode,
    echoMode: profile.echoMode,
    echoIntervalMs: profile.echoIntervalMs,
  };
}

function sessionKey(address: string, vrf: string, through: string | undefined): string {
  return [address, through === undefined ? "" : `%${through}`, vrf === "" ? "" : ` in ${vrf}`].join("");
}

/** As FRR: where eBGP may take several hops, and iBGP does. */
function isMultihop(
  peer: BgpPeer,
  address: IpAddress,
  isConnected: (address: IpAddress) => boolean,
): boolean {
  if (peer.ebgpMultiHop) return true;
  const isInternal = peer.dynamicASN === "internal" || peer.peerASN === (peer.localASN ?? peer.myASN);
  return isInternal && peer.interface === undefined && !isConnected(address);
}
