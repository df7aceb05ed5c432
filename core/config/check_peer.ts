import { formatAddress } from "#core/net/mod.ts";
import { shareNodes } from "./check_advertisement.ts";
import type { Report } from "./field_reader.ts";
import type { BgpPeer, NodeLabels } from "./types.ts";

/** Two sessions from one node to one address and port collide (RFC 4271 §6.8): the router keeps one of them. */
export function checkTarget(
  peer: BgpPeer,
  older: readonly BgpPeer[],
  nodes: readonly NodeLabels[] | undefined,
  report: Report,
): void {
  const target = targetOf(peer);
  const other = older.find(
    (each) => targetOf(each) === target && shareNodes(peer.nodeSelectors, each.nodeSelectors, nodes),
  );
  if (!other) return;
  const sentence = `${target} is the peer of the older BGPPeer "${other.name}" already, on a node that both select; select other nodes, or name another address, port or VRF`;
  report(peer.interface === undefined ? "spec.peerAddress" : "spec.interface", "peer.same-target", sentence);
}

function targetOf(peer: BgpPeer): string {
  const place = peer.peerAddress ? formatAddress(peer.peerAddress) : `interface ${peer.interface}`;
  return `${place} port ${peer.peerPort}${peer.vrf === undefined ? "" : ` in VRF ${peer.vrf}`}`;
}
