import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { list, type ObjectView, objectView, read, scalars } from "./objects.ts";

const { text, flag } = scalars;

/** What scheduling and the node watch need of a Node (core/v1). */
export interface WorkerNodeView extends ObjectView {
  /** Status of the Ready condition: True, False, Unknown, or empty while there is none. */
  readonly ready: string;
  readonly unschedulable: boolean;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

const specSchema = v.object({
  unschedulable: flag,
  taints: list(v.object({ key: text, value: text, effect: text })),
});
const statusSchema = v.object({ conditions: list(v.object({ type: text, status: text })) });

export function workerNodeView(object: KubeObject): WorkerNodeView {
  const { conditions } = read(statusSchema, object, object.status);
  return {
    ...objectView(object),
    ...read(specSchema, object, object.spec),
    ready: conditions.find((condition) => condition.type === "Ready")?.status ?? "",
  };
}
