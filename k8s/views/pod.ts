import * as v from "valibot";
import type { KubeObject } from "../types.ts";
import { readShape, text } from "./shape.ts";

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly nodeName?: string;
  readonly podIP?: string;
  readonly ready: boolean;
}

const podSchema = v.object({
  metadata: v.object({ namespace: v.string(), name: v.string(), uid: v.string() }),
  spec: v.nullish(v.object({ nodeName: text }), {}),
  status: v.nullish(
    v.object({
      podIP: text,
      conditions: v.nullish(v.array(v.object({ type: v.string(), status: v.string() })), []),
    }),
    {},
  ),
});

export function podView(object: KubeObject): PodView {
  const { metadata, spec, status } = readShape(podSchema, object);
  return {
    ...metadata,
    ...(spec.nodeName && { nodeName: spec.nodeName }),
    ...(status.podIP && { podIP: status.podIP }),
    ready: (status.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True"),
  };
}
