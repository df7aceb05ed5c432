/**
 * BGP sessions of this node: sockets and timers around the engine in `core/bgp`.
 *
 * ```ts
 * const bgp = new BgpSpeaker({ nodeName: "node1", onChange: () => publish(bgp.sessions()) });
 * bgp.setPeers([{ name: "tor", address, port: 179, myASN: 64512, peerASN: 64513 }]);
 * bgp.setRoutes("tor", [{ prefix, communities: [] }]);
 * ```
 */
export type { Dial, Dialed } from "./dial.ts";
export { BgpSpeaker, type BgpWorld } from "./speaker.ts";
export type { BfdState, BgpSpeakerOptions, MessageCounters, PeerMetrics, PeerSettings } from "./types.ts";
