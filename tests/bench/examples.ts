import type { Pool } from "#core/config/mod.ts";
import type { Claimant } from "#core/ipam/mod.ts";
import { parseAddress, parsePrefix, prefixToRange } from "#core/net/mod.ts";
import type { ServiceView } from "#core/service/mod.ts";

/** A pool of CIDRs without anything special. */
export function pool(name: string, ...cidrs: string[]): Pool {
  const ranges = cidrs.map((cidr) => {
    const prefix = parsePrefix(cidr);
    if (!prefix) throw new Error(`Not a CIDR: ${cidr}`);
    return prefixToRange(prefix);
  });
  return { name, labels: {}, ranges, autoAssign: true, avoidBuggyIPs: false };
}

export function claimant(index: number, key = "", ports: readonly string[] = ["80/TCP"]): Claimant {
  return {
    service: `default/s${index}`,
    namespace: "default",
    namespaceLabels: { "kubernetes.io/metadata.name": "default" },
    labels: {},
    sharing: { key, backend: "", ports: key === "" ? [] : ports },
  };
}

/** A Service as an informer parses it: every one has objects of its own. */
export function view(index: number, options: Partial<ServiceView> = {}): ServiceView {
  return {
    namespace: "default",
    name: `s${index}`,
    uid: `uid-${index}`,
    creationTimestampMs: index,
    labels: { app: `s${index}` },
    annotations: {},
    type: "LoadBalancer",
    clusterIPs: ["10.96.0.1"],
    ipFamilies: ["IPv4"],
    ipFamilyPolicy: "SingleStack",
    externalTrafficPolicy: "Cluster",
    selector: { app: `s${index}` },
    ports: [{ name: "http", protocol: "TCP", port: 80 }],
    ingress: [],
    ...options,
  };
}

/** The nth address from the first on, as text. */
export function nthAddress(first: string, index: number): string {
  const parsed = parseAddress(first);
  if (parsed?.family !== "ipv4") throw new Error(`Not an IPv4 address: ${first}`);
  const value = Number(parsed.value) + index;
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}
