import type { KubeObject } from "#k8s/mod.ts";
import { type FieldError, forbidden, invalid } from "../../field_error.ts";
import { isEqual, records } from "../../object.ts";
import type { Strategy } from "../kind.ts";
import { allocate } from "./allocate.ts";
import type { ServiceAllocator } from "./allocator.ts";
import {
  isExternallyAccessible,
  isHeadless,
  needsClusterIp,
  needsHealthCheckPort,
  needsNodePorts,
  type ServiceSpec,
  specOf,
} from "./fields.ts";
import { validateServiceSpec } from "./validate.ts";

const sessionAffinitySeconds = 10_800;

/** registry/core/service: defaults, allocation, what a change of type clears, and what may not change. */
export function serviceStrategy(allocator: ServiceAllocator): Strategy {
  return {
    complete(draft) {
      completeSpec(specOf(draft));
      completeStatus(draft);
    },
    prepareForCreate(draft) {
      draft.status = { loadBalancer: {} };
    },
    prepareForUpdate(draft, before) {
      const spec = specOf(draft);
      const old = specOf(before);
      keepAllocations(spec, old);
      clearWhatTheTypeHasNot(spec, old);
      completeSpec(spec);
      if (spec.type !== "LoadBalancer" && old.type === "LoadBalancer") draft.status = { loadBalancer: {} };
    },
    validate: (draft) => validateServiceSpec(specOf(draft)),
    validateUpdate: (draft, before) => validateChange(specOf(draft), specOf(before)),
    allocate: (draft, before) => allocate(specOf(draft), allocator, before && specOf(before)),
    validateStatus(draft) {
      const hasIngress =
        records((draft.status as { loadBalancer?: unknown })?.loadBalancer, "ingress").length > 0;
      if (!hasIngress || specOf(draft).type === "LoadBalancer") return [];
      return [
        forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'"),
      ];
    },
  };
}

/** core/v1 SetDefaults_Service. */
function completeSpec(spec: ServiceSpec): void {
  spec.type ||= "ClusterIP";
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  else spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: sessionAffinitySeconds } };
  if (spec.clusterIP && spec.clusterIPs === undefined) spec.clusterIPs = [spec.clusterIP];
  if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === "") {
      Object.assign(port, port.port === undefined ? {} : { targetPort: port.port });
    }
  }
  if (spec.type !== "ExternalName") spec.internalTrafficPolicy ||= "Cluster";
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

/** KEP-1860: an address whose owner says nothing else is delivered to the node as it is. */
function completeStatus(draft: KubeObject): void {
  const status = (draft.status ?? {}) as { loadBalancer?: { ingress?: { ip?: string; ipMode?: string }[] } };
  for (const ingress of status.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= "VIP";
}

/** A client that sends a manifest without what was allocated keeps it (registry patchAllocatedValues). */
function keepAllocations(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    // `clusterIP` and `clusterIPs[0]` are one; the one that the request changed counts.
    if (spec.clusterIP && spec.clusterIP !== old.clusterIP && isEqual(spec.clusterIPs, old.clusterIPs)) {
      spec.clusterIPs = [spec.clusterIP];
    }
    const keepsFamily = spec.ipFamilyPolicy === undefined && spec.ipFamilies === undefined;
    if (!spec.clusterIP && !spec.clusterIPs?.length && old.clusterIPs !== undefined) {
      spec.clusterIPs = keepsFamily ? [...old.clusterIPs] : old.clusterIPs.slice(0, 1);
      spec.clusterIP = old.clusterIP ?? "";
    }
    if (keepsFamily) {
      if (old.ipFamilies !== undefined) spec.ipFamilies = [...old.ipFamilies];
      if (old.ipFamilyPolicy !== undefined) spec.ipFamilyPolicy = old.ipFamilyPolicy;
    }
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) {
    const used = new Set((spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : [])));
    for (const port of spec.ports ?? []) {
      const same = old.ports?.find((each) => each.port === port.port && each.protocol === port.protocol);
      if (!port.nodePort && same?.nodePort && !used.has(same.nodePort)) port.nodePort = same.nodePort;
    }
  }
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && !spec.healthCheckNodePort) {
    Object.assign(spec, old.healthCheckNodePort ? { healthCheckNodePort: old.healthCheckNodePort } : {});
  }
}

/** What the old type had and the new one has not goes, unless the request changed it itself (dropTypeDependentFields). */
function clearWhatTheTypeHasNot(spec: ServiceSpec, old: ServiceSpec): void {
  const clear = (field: keyof ServiceSpec) => {
    if (isEqual(spec[field], old[field])) delete spec[field];
  };
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    for (const field of [
      "clusterIP",
      "clusterIPs",
      "ipFamilies",
      "ipFamilyPolicy",
      "internalTrafficPolicy",
    ]) {
      clear(field);
    }
  }
  const mayHoldNodePorts = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (needsNodePorts(old) && !mayHoldNodePorts) {
    const oldPorts = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) if (oldPorts.has(port.nodePort)) delete port.nodePort;
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) clear("healthCheckNodePort");
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    clear("allocateLoadBalancerNodePorts");
    clear("loadBalancerClass");
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(spec)) clear("externalTrafficPolicy");
}

function validateChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const hadAddress = needsClusterIp(old) && needsClusterIp(spec) && (old.clusterIPs ?? []).length > 0;
  if (hadAddress && spec.clusterIPs?.[0] !== old.clusterIPs?.[0] && (spec.clusterIPs ?? []).length > 0) {
    errors.push(invalid("spec.clusterIPs[0]", spec.clusterIPs, "may not change once set"));
  }
  if (hadAddress && spec.clusterIP !== (spec.clusterIPs?.[0] ?? "")) {
    errors.push(invalid("spec.clusterIPs", spec.clusterIPs, "first value must match `clusterIP`"));
  }
  const stays = old.type === "LoadBalancer" && spec.type === "LoadBalancer";
  if (stays && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(invalid("spec.loadBalancerClass", spec.loadBalancerClass, "may not change once set"));
  }
  if (stays && old.healthCheckNodePort && needsHealthCheckPort(old) && needsHealthCheckPort(spec)) {
    if (spec.healthCheckNodePort !== old.healthCheckNodePort) {
      errors.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
    }
  }
  if (hadAddress && isHeadless(old) !== isHeadless(spec) && errors.length === 0) {
    errors.push(invalid("spec.clusterIPs[0]", spec.clusterIPs, "may not change once set"));
  }
  return errors;
}
