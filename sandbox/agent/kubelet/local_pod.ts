import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { list, type ObjectView, objectView, read, scalars } from "../../workload/objects.ts";

const { text, count, flag } = scalars;

/** A Pod (core/v1) as its node needs it. */
export interface LocalPod extends ObjectView {
  readonly isHostNetwork: boolean;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly ports: readonly LocalPort[];
  }[];
  /** Condition types that somebody else must set to True before the pod is ready (KEP-580). */
  readonly readinessGates: readonly string[];
  readonly phase: string;
  readonly podIP: string;
  readonly startTime: string;
  readonly conditions: readonly LocalCondition[];
}

export interface LocalPort {
  readonly port: number;
  readonly protocol: string;
}

export interface LocalCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | undefined;
}

const port = v.object({ containerPort: count(0), protocol: v.nullish(v.string(), "TCP") });
const specSchema = v.object({
  hostNetwork: flag,
  containers: list(v.object({ name: text, image: text, ports: list(port) })),
  readinessGates: list(v.object({ conditionType: text })),
});
const optional = v.optional(v.string());
const statusSchema = v.object({
  phase: text,
  podIP: text,
  startTime: text,
  conditions: list(
    v.looseObject({
      type: text,
      status: text,
      reason: optional,
      message: optional,
      lastTransitionTime: v.nullish(v.string(), ""),
    }),
  ),
});

export function localPod(object: KubeObject): LocalPod {
  const spec = read(specSchema, object, object.spec);
  return {
    ...objectView(object),
    ...read(statusSchema, object, object.status),
    isHostNetwork: spec.hostNetwork,
    containers: spec.containers.map(({ name, image, ports }) => ({
      name,
      image,
      ports: ports.map(({ containerPort, protocol }) => ({ port: containerPort, protocol })),
    })),
    readinessGates: spec.readinessGates.map(({ conditionType }) => conditionType),
  };
}

/** The product's own pods are real processes that the sandbox watches over; pods that have ended stay as they are. */
export function isPlayed(pod: LocalPod): boolean {
  const hasEnded = pod.phase === "Succeeded" || pod.phase === "Failed";
  return !pod.isHostNetwork && pod.labels.app !== "metallb" && !hasEnded;
}

/** What the pod listens on; TCP 80 when its containers say nothing. */
export function portsOf(pod: LocalPod): LocalPort[] {
  const declared = pod.containers.flatMap(({ ports }) => ports).filter(({ port }) => port > 0);
  const unique = new Map(declared.map((each) => [`${each.protocol}/${each.port}`, each]));
  return unique.size > 0 ? [...unique.values()] : [{ port: 80, protocol: "TCP" }];
}
