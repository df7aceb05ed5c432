/**
 * kube-proxy for one node, on nftables: what a Service must be there (`elements.ts`), written as text for `nft`
 * (`ruleset.ts`), whole or only what changed, and the driver that keeps it so.
 *
 * Services are elements of a few maps and never chains of their own: a chain per Service took the kernel 20 to 30 s to
 * load for 10,000 Services, the same as elements takes 1 s, and one Service's change 15 ms at any size.
 *
 * ```ts
 * renderRuleset([service], [slice], { name: "node1", address: "192.168.1.11", podCidr: "10.244.1.0/24" });
 * ```
 */
export { type Change, ElementTable } from "./element_table.ts";
export { type Element, type SetName, serviceElements } from "./elements.ts";
export { type Proxy, type ProxyOptions, startProxy } from "./proxy.ts";
export { renderChange, renderRuleset, renderTable, tableName } from "./ruleset.ts";
export {
  type ProxyEndpoint,
  type ProxyNode,
  type ProxyPort,
  type ProxyService,
  type ProxySlice,
  proxyNode,
  proxyService,
  proxySlice,
} from "./views.ts";
