import * as v from "valibot";
import type { NodeView } from "#core/service/mod.ts";
import type { KubeObject } from "../types.ts";
import { readShape, textMap } from "./shape.ts";

const nodeSchema = v.object({
  metadata: v.object({ name: v.string(), labels: textMap }),
  status: v.nullish(
    v.object({
      addresses: v.nullish(v.array(v.object({ type: v.string(), address: v.string() })), []),
      conditions: v.nullish(v.array(v.object({ type: v.string(), status: v.string() })), []),
    }),
    {},
  ),
});

export function nodeView(object: KubeObject): NodeView {
  const { metadata, status } = readShape(nodeSchema, object);
  const conditions = status.conditions ?? [];
  return {
    name: metadata.name,
    labels: metadata.labels,
    networkUnavailable: conditions.some(
      (condition) => condition.type === "NetworkUnavailable" && condition.status === "True",
    ),
    internalIPs: (status.addresses ?? [])
      .filter((entry) => entry.type === "InternalIP")
      .map((entry) => entry.address),
  };
}
