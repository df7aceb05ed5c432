/**
 * What the cluster's users may read of BGP with `kubectl`: ServiceBGPStatus, to which peers a node is to announce a
 * Service, and BGPSessionState, how each session stands. Each speaker writes its own objects and no others.
 *
 * ```ts
 * const statuses = new BgpStatuses({ client, namespace, node, pod, log, signal });
 * routes.onServicePeers((service, peers) => statuses.servicePeers(service, peers));
 * statuses.sessions(bgp.sessions()); // after each change
 * statuses.start();                  // after the first decision
 * ```
 */
export { BgpStatuses } from "./bgp_statuses.ts";
export { openBgpStatuses } from "./open_bgp_statuses.ts";
