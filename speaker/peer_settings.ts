import { type BgpPeer, matchesAnySelector } from "#core/config/mod.ts";
import type { PeerSettings } from "./bgp/mod.ts";

/**
 * The BGPPeers this node keeps a session with, as the engine takes them: those whose nodeSelectors match its labels. A
 * peer named by its interface alone (unnumbered) has no address: the engine finds it.
 */
export function peerSettings(
  peers: readonly BgpPeer[],
  labels: Readonly<Record<string, string>>,
): PeerSettings[] {
  return peers
    .filter((peer) => matchesAnySelector(peer.nodeSelectors, labels))
    .flatMap((peer) => {
      const peerASN = peer.peerASN ?? peer.dynamicASN;
      if (peerASN === undefined) return [];
      return [
        {
          name: peer.name,
          port: peer.peerPort,
          myASN: peer.localASN ?? peer.myASN,
          peerASN,
          ...defined({
            address: peer.peerAddress,
            interface: peer.interface,
            connection: peer.connection,
            isTtlSecured: peer.isTtlSecured,
            gracefulShutdownMs: peer.gracefulShutdownMs,
            longLivedStaleSeconds: peer.longLivedStaleSeconds,
            sourceAddress: peer.sourceAddress,
            routerID: peer.routerID,
            holdTimeMs: peer.holdTimeMs,
            keepaliveTimeMs: peer.keepaliveTimeMs,
            connectTimeMs: peer.connectTimeMs,
            password: peer.password,
            vrf: peer.vrf,
            bfdProfile: peer.bfdProfile,
            dualStackAddressFamily: peer.dualStackAddressFamily || undefined,
            enableGracefulRestart: peer.enableGracefulRestart || undefined,
          }),
        },
      ];
    });
}

/** Without the keys whose value is undefined (exactOptionalPropertyTypes). */
function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}
