import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { list, read, scalars, stringMap } from "../../workload/objects.ts";

const { text, count } = scalars;

/** Only these two are carried. */
export type Transport = "tcp" | "udp";

/** What is programmed for a Service (core/v1); IPv4 addresses only. */
export interface ProxyService {
  /** `namespace/name`. */
  readonly key: string;
  readonly clusterIPs: readonly string[];
  /** `status.loadBalancer.ingress[].ip`, but for those of ipMode Proxy, which arrive by another way (KEP-1860). */
  readonly ingress: readonly string[];
  readonly externalIPs: readonly string[];
  readonly ports: readonly ProxyPort[];
  /** externalTrafficPolicy Local. */
  readonly isExternalLocal: boolean;
  /** internalTrafficPolicy Local. */
  readonly isInternalLocal: boolean;
  /** sessionAffinity ClientIP. */
  readonly isSticky: boolean;
  /** loadBalancerSourceRanges; everybody where empty. */
  readonly sourceRanges: readonly string[];
}

export interface ProxyPort {
  readonly name: string;
  readonly transport: Transport;
  readonly port: number;
  /** 0 where there is none. */
  readonly nodePort: number;
}

/** One EndpointSlice (discovery.k8s.io/v1) with IPv4 addresses. */
export interface ProxySlice {
  readonly key: string;
  /** `namespace/name` of the Service; empty without one. */
  readonly service: string;
  readonly ports: readonly { readonly name: string; readonly transport: Transport; readonly port: number }[];
  readonly endpoints: readonly ProxyEndpoint[];
}

export interface ProxyEndpoint {
  readonly address: string;
  readonly nodeName: string;
  readonly isReady: boolean;
  /** Serves although it is on its way out: used while nothing is ready (KEP-1669). */
  readonly isServingTerminating: boolean;
}

/** A Node as the others see it. */
export interface ProxyNode {
  readonly name: string;
  /** InternalIP; empty while unknown. */
  readonly address: string;
  /** Empty while unknown. */
  readonly podCidr: string;
}

const isIpv4 = (address: string) => address.includes(".");
const protocol = v.nullish(v.string(), "TCP");

const serviceSchema = v.object({
  type: v.nullish(v.string(), "ClusterIP"),
  clusterIP: text,
  clusterIPs: v.nullish(v.array(v.string())),
  externalIPs: list(v.string()),
  externalTrafficPolicy: text,
  internalTrafficPolicy: text,
  sessionAffinity: text,
  loadBalancerSourceRanges: list(v.string()),
  ports: list(v.object({ name: text, protocol, port: count(0), nodePort: count(0) })),
});
const serviceStatusSchema = v.object({
  loadBalancer: v.nullish(v.object({ ingress: list(v.object({ ip: text, ipMode: text })) }), {}),
});

export function proxyService(object: KubeObject): ProxyService {
  const spec = read(serviceSchema, object, object.spec);
  const { loadBalancer } = read(serviceStatusSchema, object, object.status);
  const isBalanced = spec.type === "LoadBalancer";
  return {
    key: `${object.metadata.namespace ?? ""}/${object.metadata.name}`,
    clusterIPs: spec.type === "ExternalName" ? [] : (spec.clusterIPs ?? [spec.clusterIP]).filter(isIpv4),
    ingress: isBalanced
      ? loadBalancer.ingress.filter(({ ip, ipMode }) => isIpv4(ip) && ipMode !== "Proxy").map(({ ip }) => ip)
      : [],
    externalIPs: spec.externalIPs.filter(isIpv4),
    ports: spec.ports.flatMap(({ protocol, ...port }) => withTransport(port, protocol)),
    isExternalLocal: spec.externalTrafficPolicy === "Local",
    isInternalLocal: spec.internalTrafficPolicy === "Local",
    isSticky: spec.sessionAffinity === "ClientIP",
    sourceRanges: isBalanced ? spec.loadBalancerSourceRanges.map((range) => range.trim()).filter(isIpv4) : [],
  };
}

const conditions = v.object({
  ready: v.nullish(v.boolean(), true),
  serving: v.nullish(v.boolean()),
  terminating: v.nullish(v.boolean(), false),
});
const sliceSchema = v.object({
  addressType: text,
  ports: list(v.object({ name: text, protocol, port: count(0) })),
  endpoints: list(
    v.object({ addresses: list(v.string()), nodeName: text, conditions: v.nullish(conditions, {}) }),
  ),
});
const labelsSchema = stringMap;

export function proxySlice(object: KubeObject): ProxySlice {
  const { addressType, ports, endpoints } = read(sliceSchema, object, object);
  const namespace = object.metadata.namespace ?? "";
  const service = read(labelsSchema, object, object.metadata.labels)["kubernetes.io/service-name"];
  return {
    key: `${namespace}/${object.metadata.name}`,
    service: service && addressType === "IPv4" ? `${namespace}/${service}` : "",
    ports: ports.flatMap(({ protocol, ...port }) => withTransport(port, protocol)),
    endpoints: endpoints.map(({ addresses, nodeName, conditions: { ready, serving, terminating } }) => ({
      // All addresses of an endpoint are the same endpoint; consumers use the first (discovery/v1).
      address: addresses[0] ?? "",
      nodeName,
      isReady: ready,
      isServingTerminating: (serving ?? ready) && terminating,
    })),
  };
}

function withTransport<T extends object>(port: T, protocol: string): (T & { transport: Transport })[] {
  const transport = protocol.toLowerCase();
  return transport === "tcp" || transport === "udp" ? [{ ...port, transport }] : [];
}

const nodeSpecSchema = v.object({ podCIDR: text, podCIDRs: v.nullish(v.array(v.string())) });
const nodeStatusSchema = v.object({ addresses: list(v.object({ type: text, address: text })) });

export function proxyNode(object: KubeObject): ProxyNode {
  const { podCIDR, podCIDRs } = read(nodeSpecSchema, object, object.spec);
  const { addresses } = read(nodeStatusSchema, object, object.status);
  return {
    name: object.metadata.name,
    address: addresses.find(({ type, address }) => type === "InternalIP" && isIpv4(address))?.address ?? "",
    podCidr: (podCIDRs ?? [podCIDR]).find(isIpv4) ?? "",
  };
}
