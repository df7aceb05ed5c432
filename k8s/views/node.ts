import * as v from "valibot";
import type { NodeView } from "#core/service/mod.ts";
import type { KubeObject } from "../types.ts";
import { readShape, text, textMap, texts } from "./shape.ts";

const nodeSchema = v.object({
  metadata: v.object({ name: v.string(), labels: textMap, annotations: textMap }),
  spec: v.nullish(v.object({ podCIDR: text, podCIDRs: texts }), {}),
  status: v.nullish(
    v.object({
      addresses: v.nullish(v.array(v.object({ type: v.string(), address: v.string() })), []),
      conditions: v.nullish(v.array(v.object({ type: v.string(), status: v.string() })), []),
    }),
    {},
  ),
});

export function nodeView(object: KubeObject): NodeView {
  const { metadata, spec, status } = readShape(nodeSchema, object);
  const conditions = status.conditions ?? [];
  const podCIDRs = spec.podCIDRs?.length ? spec.podCIDRs : spec.podCIDR ? [spec.podCIDR] : [];
  const annotations = Object.entries(metadata.annotations).filter(([name]) => name.startsWith("metallb.io/"));
  return {
    name: metadata.name,
    labels: metadata.labels,
    networkUnavailable: conditions.some(
      (condition) => condition.type === "NetworkUnavailable" && condition.status === "True",
    ),
    internalIPs: (status.addresses ?? [])
      .filter((entry) => entry.type === "InternalIP")
      .map((entry) => entry.address),
    // Others change with every lease and route of the cluster's network, and mean nothing here.
    ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
    ...(podCIDRs.length > 0 && { podCIDRs }),
  };
}
