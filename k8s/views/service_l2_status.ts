import * as v from "valibot";
import { l2StatusLabels, labelOfNode } from "../l2_status_labels.ts";
import type { KubeObject } from "../types.ts";
import { readShape, text, textMap } from "./shape.ts";

/** A ServiceL2Status, as small as ten thousand of them ask for. */
export interface ServiceL2StatusView {
  readonly name: string;
  /** `namespace/name` */
  readonly service: string;
  /** Whose speaker wrote it: the value of the label `metallb.io/node`. */
  readonly owner: string;
  /** Who announces the Service; before the status is filled, the owner. */
  readonly node: string;
  readonly isFilled: boolean;
  /** Its status, which cannot be changed any more, is of another node or Service than its labels. */
  readonly isStuck: boolean;
  /** Sorted; empty means every interface. */
  readonly interfaces: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Of the Pod that it goes with. */
  readonly ownerUid?: string;
}

const statusSchema = v.object({
  metadata: v.object({
    name: v.string(),
    creationTimestamp: text,
    labels: textMap,
    ownerReferences: v.nullish(v.array(v.object({ kind: v.string(), uid: v.string() })), []),
  }),
  status: v.nullish(
    v.object({
      node: text,
      serviceName: text,
      serviceNamespace: text,
      interfaces: v.nullish(v.array(v.object({ name: v.nullish(v.string(), "") })), []),
    }),
    {},
  ),
});

const everyInterface: readonly string[] = [];

/** Throws where a label is missing that says whose it is, and of which Service; MetalLB passes such an object over, too. */
export function serviceL2StatusView(object: KubeObject): ServiceL2StatusView {
  const { metadata, status } = readShape(statusSchema, object);
  const owner = metadata.labels[l2StatusLabels.node];
  const serviceName = metadata.labels[l2StatusLabels.serviceName];
  const serviceNamespace = metadata.labels[l2StatusLabels.serviceNamespace];
  if (!owner || !serviceName || !serviceNamespace) {
    const labels = Object.values(l2StatusLabels).join(", ");
    throw new Error(`ServiceL2Status "${metadata.name}" must carry the labels ${labels}`);
  }
  const isOther =
    (status.node && labelOfNode(status.node) !== owner) ||
    (status.serviceName && status.serviceName !== serviceName) ||
    (status.serviceNamespace && status.serviceNamespace !== serviceNamespace);
  const interfaces = (status.interfaces ?? []).map(({ name }) => name).sort();
  const ownerUid = metadata.ownerReferences?.find(({ kind }) => kind === "Pod")?.uid;
  return {
    name: metadata.name,
    service: `${serviceNamespace}/${serviceName}`,
    owner,
    node: status.node || owner,
    isFilled: Boolean(status.node && status.serviceName && status.serviceNamespace),
    isStuck: Boolean(isOther),
    interfaces: interfaces.length === 0 ? everyInterface : interfaces,
    createdAt: Date.parse(metadata.creationTimestamp ?? "") || 0,
    ...(ownerUid !== undefined && { ownerUid }),
  };
}
