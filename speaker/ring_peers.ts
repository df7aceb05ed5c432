import type { NodeView } from "#core/service/mod.ts";
import type { Informer } from "#k8s/mod.ts";
import type { HeartbeatPeer } from "./data_plane/mod.ts";
import type { Members } from "./members.ts";
import type { SpeakerOptions } from "./options.ts";

/** kubernetes.io "Well-Known Labels": watchers are chosen over different zones. */
const zoneLabel = "topology.kubernetes.io/zone";

/** Whom the ring is made of: every speaker that has a Pod, and this node, whose own zone counts too. */
export function ringPeers(
  options: Pick<SpeakerOptions, "nodeName" | "memberlistAddress" | "memberlistPort" | "isMemberlistDisabled">,
  members: Pick<Members, "list">,
  nodes: Pick<Informer<NodeView>, "get">,
): HeartbeatPeer[] {
  if (options.isMemberlistDisabled) return [];
  const port = options.memberlistPort + 1;
  const own = { node: options.nodeName, address: options.memberlistAddress, port };
  const others = members
    .list()
    .map(({ node, address, gossip }) => ({ node, address, port: gossip?.fastPort ?? port }));
  return [own, ...others].map((peer) => {
    const zone = nodes.get(peer.node)?.labels[zoneLabel];
    return zone ? { ...peer, zone } : peer;
  });
}
