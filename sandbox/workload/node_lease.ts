import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { type ObjectView, objectView, read, scalars } from "./objects.ts";

/** Where each node's agent renews a Lease of the node's name (KEP-589). */
export const nodeLeaseNamespace = "kube-node-lease";
/** kube-controller-manager's --node-monitor-grace-period. */
export const nodeGraceMs = 50_000;

export interface LeaseView extends ObjectView {
  readonly renewedMs: number;
}

const specSchema = v.object({ renewTime: scalars.text });

export function leaseView(object: KubeObject): LeaseView {
  const { renewTime } = read(specSchema, object, object.spec);
  return { ...objectView(object), renewedMs: Date.parse(renewTime) || 0 };
}

/** What the condition Ready of a node becomes when its agent has been silent for too long. */
export function silentCondition(nowMs: number, type = "Ready") {
  return {
    type,
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastTransitionTime: new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z"),
  };
}
