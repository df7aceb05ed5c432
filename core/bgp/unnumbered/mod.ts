/** Unnumbered peers: the router at the other end of a link is found by Router Advertisements (RFC 4861), sent and heard. */
export { RouterDiscovery } from "./router_discovery.ts";
export {
  type LinkEnd,
  type RouterMessage,
  readRouterMessage,
  routerAdvertisement,
  routerSolicitation,
} from "./router_message.ts";
