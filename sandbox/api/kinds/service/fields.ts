import type { KubeObject } from "#k8s/mod.ts";
import type { Holdings } from "./allocator.ts";

export interface ServicePort {
  name?: string;
  protocol?: string;
  port?: number;
  targetPort?: number | string;
  nodePort?: number;
  appProtocol?: string;
}

/** The fields of a Service's spec that the strategy reads and writes; their JSON types are checked before. */
export interface ServiceSpec {
  type?: string;
  ports?: ServicePort[];
  selector?: Record<string, string>;
  clusterIP?: string;
  clusterIPs?: string[];
  externalIPs?: string[];
  externalName?: string;
  externalTrafficPolicy?: string;
  internalTrafficPolicy?: string;
  sessionAffinity?: string;
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } };
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  healthCheckNodePort?: number;
  loadBalancerIP?: string;
  loadBalancerClass?: string;
  loadBalancerSourceRanges?: string[];
  allocateLoadBalancerNodePorts?: boolean;
  [field: string]: unknown;
}

/** The spec, made where it is absent, so that what is set on it is kept. */
export function specOf(service: KubeObject): ServiceSpec {
  service.spec ??= {};
  return service.spec as ServiceSpec;
}

export function isHeadless(spec: ServiceSpec): boolean {
  return spec.clusterIP === "None" || spec.clusterIPs?.[0] === "None";
}

export function needsClusterIp(spec: ServiceSpec): boolean {
  return spec.type !== "ExternalName";
}

export function needsNodePorts(spec: ServiceSpec): boolean {
  return (
    spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false)
  );
}

export function needsHealthCheckPort(spec: ServiceSpec): boolean {
  return spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

/** Whether traffic from outside the cluster reaches it, so that an external traffic policy means something. */
export function isExternallyAccessible(spec: ServiceSpec): boolean {
  const hasExternalAddress = spec.type === "ClusterIP" && (spec.externalIPs ?? []).length > 0;
  return spec.type === "LoadBalancer" || spec.type === "NodePort" || hasExternalAddress;
}

export function holdingsOf(service: KubeObject): Holdings {
  const spec = (service.spec ?? {}) as ServiceSpec;
  const ports = (spec.ports ?? []).flatMap(({ nodePort, protocol = "TCP" }) =>
    nodePort ? [`${protocol}/${nodePort}`] : [],
  );
  return {
    addresses: (spec.clusterIPs ?? []).filter((address) => address !== "None"),
    nodePorts: spec.healthCheckNodePort ? [...ports, `TCP/${spec.healthCheckNodePort}`] : ports,
  };
}
