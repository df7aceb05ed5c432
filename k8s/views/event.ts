import * as v from "valibot";
import type { KubeObject } from "../types.ts";
import { readShape, text } from "./shape.ts";

/** A core/v1 Event, for showing. */
export interface EventView {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` of the object it is about. */
  readonly about: string;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly source: string;
  readonly count: number;
  /** Of its last occurrence, epoch milliseconds. */
  readonly at: number;
}

const eventSchema = v.object({
  metadata: v.object({ namespace: v.string(), name: v.string(), creationTimestamp: text }),
  involvedObject: v.object({ namespace: text, name: text }),
  type: text,
  reason: text,
  message: text,
  source: v.nullish(v.object({ component: text }), {}),
  reportingComponent: text,
  count: v.nullish(v.number()),
  series: v.nullish(v.object({ count: v.nullish(v.number()), lastObservedTime: text })),
  lastTimestamp: text,
  eventTime: text,
});

export function eventView(object: KubeObject): EventView {
  const event = readShape(eventSchema, object);
  const { metadata, involvedObject, series } = event;
  const at =
    series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? metadata.creationTimestamp ?? "";
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    about: `${involvedObject.namespace ?? ""}/${involvedObject.name ?? ""}`,
    type: event.type === "Warning" ? "Warning" : "Normal",
    reason: event.reason ?? "",
    message: event.message ?? "",
    source: event.source.component || event.reportingComponent || "",
    count: series?.count ?? event.count ?? 1,
    at: Date.parse(at) || 0,
  };
}
