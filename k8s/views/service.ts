import * as v from "valibot";
import type { ServiceView } from "#core/service/mod.ts";
import type { KubeObject } from "../types.ts";
import { readShape, text, textMap, texts } from "./shape.ts";

/** A Service with what a write needs: its resourceVersion is the precondition. */
export interface VersionedService extends ServiceView {
  readonly resourceVersion: string;
}

const serviceSchema = v.object({
  metadata: v.object({
    namespace: v.string(),
    name: v.string(),
    uid: v.string(),
    resourceVersion: v.string(),
    creationTimestamp: v.string(),
    labels: textMap,
    annotations: textMap,
  }),
  spec: v.object({
    type: v.nullish(v.string(), "ClusterIP"),
    loadBalancerClass: text,
    loadBalancerIP: text,
    clusterIP: text,
    clusterIPs: texts,
    ipFamilies: texts,
    ipFamilyPolicy: v.nullish(
      v.picklist(["SingleStack", "PreferDualStack", "RequireDualStack"]),
      "SingleStack",
    ),
    externalTrafficPolicy: v.nullish(v.picklist(["Cluster", "Local"]), "Cluster"),
    selector: textMap,
    ports: v.nullish(
      v.array(
        v.object({
          name: v.nullish(v.string(), ""),
          protocol: v.nullish(v.string(), "TCP"),
          port: v.number(),
          nodePort: v.nullish(v.number()),
        }),
      ),
      [],
    ),
  }),
  status: v.nullish(
    v.object({
      loadBalancer: v.nullish(v.object({ ingress: v.nullish(v.array(v.object({ ip: text })), []) }), {}),
    }),
    {},
  ),
});

export function serviceView(object: KubeObject): VersionedService {
  const { metadata, spec, status } = readShape(serviceSchema, object);
  // An older API server, or a Service without a cluster address, sets only the one.
  const clusterIPs = spec.clusterIPs.length > 0 ? spec.clusterIPs : spec.clusterIP ? [spec.clusterIP] : [];
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    creationTimestampMs: Date.parse(metadata.creationTimestamp) || 0,
    labels: metadata.labels,
    annotations: metadata.annotations,
    type: spec.type,
    ...(typeof spec.loadBalancerClass === "string" && { loadBalancerClass: spec.loadBalancerClass }),
    ...(spec.loadBalancerIP && { loadBalancerIP: spec.loadBalancerIP }),
    clusterIPs,
    ipFamilies: spec.ipFamilies,
    ipFamilyPolicy: spec.ipFamilyPolicy,
    externalTrafficPolicy: spec.externalTrafficPolicy,
    selector: spec.selector,
    ports: spec.ports.map(({ nodePort, ...port }) => (nodePort ? { ...port, nodePort } : port)),
    // An entry with only a hostname is another controller's; it is no address.
    ingress: (status.loadBalancer.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : [])),
  };
}
