import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { list, type ObjectView, objectView, read, scalars, stringMap } from "./objects.ts";

const { text, count, flag } = scalars;

/** A Pod (core/v1), cut down to what scheduling, counting and endpoints need. */
export interface PodView extends ObjectView {
  readonly nodeName: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly phase: string;
  readonly ready: boolean;
  /** When the Ready condition turned true; meaningless while not ready. */
  readonly readySinceMs: number;
  readonly podIP: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  /** Message of a PodScheduled condition that is false. */
  readonly unschedulable: string;
}

export interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly effect: string;
}

const toleration = v.object({
  key: text,
  operator: v.nullish(v.string(), "Equal"),
  value: text,
  effect: text,
});
const port = v.object({ name: text, containerPort: count(0), protocol: v.nullish(v.string(), "TCP") });
const specSchema = v.object({
  nodeName: text,
  nodeSelector: stringMap,
  hostNetwork: flag,
  tolerations: list(toleration),
  containers: list(v.object({ ports: list(port) })),
});
const statusSchema = v.object({
  phase: v.nullish(v.string(), "Pending"),
  podIP: text,
  conditions: list(v.object({ type: text, status: text, message: text, lastTransitionTime: text })),
});

export function podView(object: KubeObject): PodView {
  const spec = read(specSchema, object, object.spec);
  const status = read(statusSchema, object, object.status);
  const ready = status.conditions.find((condition) => condition.type === "Ready");
  const scheduled = status.conditions.find((condition) => condition.type === "PodScheduled");
  return {
    ...objectView(object),
    nodeName: spec.nodeName,
    nodeSelector: spec.nodeSelector,
    tolerations: spec.tolerations,
    phase: status.phase,
    ready: ready?.status === "True",
    readySinceMs: Date.parse(ready?.lastTransitionTime ?? "") || 0,
    podIP: status.podIP,
    ports: spec.containers.flatMap((container) =>
      container.ports.map(({ name, containerPort, protocol }) => ({ name, port: containerPort, protocol })),
    ),
    unschedulable: scheduled?.status === "False" ? scheduled.message : "",
  };
}

/** Succeeded and Failed pods have ended; a pod with a deletionTimestamp is on its way out. */
export function isActive(pod: PodView): boolean {
  return pod.phase !== "Succeeded" && pod.phase !== "Failed" && !pod.deleting;
}

export interface PodCounts {
  /** Without those on their way out. */
  readonly total: number;
  readonly terminating: number;
  readonly ready: number;
  /** Ready for `minReadySeconds` at least. */
  readonly available: number;
  /** When the next ready pod becomes available, if nothing else happens. */
  readonly availableAtMs?: number | undefined;
}

export function countPods(pods: Iterable<PodView>, minReadySeconds: number, nowMs: number): PodCounts {
  let total = 0;
  let terminating = 0;
  let ready = 0;
  let available = 0;
  let availableAtMs: number | undefined;
  for (const pod of pods) {
    if (pod.deleting) terminating++;
    if (!isActive(pod)) continue;
    total++;
    if (!pod.ready) continue;
    ready++;
    const atMs = pod.readySinceMs + minReadySeconds * 1000;
    if (minReadySeconds === 0 || atMs <= nowMs) available++;
    else availableAtMs = Math.min(availableAtMs ?? atMs, atMs);
  }
  return { total, terminating, ready, available, availableAtMs };
}
