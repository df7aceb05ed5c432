import { createHash } from "node:crypto";

/** MetalLB's labels on a ServiceL2Status; the watchers of both products select by them. */
export const l2StatusLabels = {
  node: "metallb.io/node",
  serviceName: "metallb.io/service-name",
  serviceNamespace: "metallb.io/service-namespace",
} as const;

/** Of a label's value (Kubernetes, "Labels and Selectors": syntax and character set). */
const valueMax = 63;

/** A node's name as a label: as it is, or, where it is longer than a label may be, cut and told apart by a hash. */
export function labelOfNode(node: string): string {
  if (node.length <= valueMax) return node;
  const hash = createHash("sha256").update(node).digest("hex").slice(0, 10);
  return `${node.slice(0, valueMax - hash.length - 1)}-${hash}`;
}
