import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { controlledBy, type ObjectView, objectView, read, scalars } from "./objects.ts";
import { countPods, isActive, type PodView } from "./pod.ts";

const { count } = scalars;
export const templateHashLabel = "pod-template-hash";

/** A ReplicaSet (apps/v1). */
export interface ReplicaSetView extends ObjectView {
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly template: PodTemplate;
  readonly status: unknown;
}

/** Pod template as it was written, copied and never understood beyond its metadata. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Record<string, string> | undefined;
    readonly annotations?: Record<string, string> | undefined;
  };
  readonly spec?: unknown;
}

const template = v.looseObject({
  metadata: v.nullish(
    v.looseObject({
      labels: v.nullish(v.record(v.string(), v.string()), {}),
      annotations: v.nullish(v.record(v.string(), v.string()), {}),
    }),
    {},
  ),
});
export const templateSchema = template;
const specSchema = v.object({ replicas: count(1), minReadySeconds: count(0), template });

export function replicaSetView(object: KubeObject): ReplicaSetView {
  const { replicas, minReadySeconds, template } = read(specSchema, object, object.spec);
  return { ...objectView(object), replicas, minReadySeconds, template, status: object.status ?? {} };
}

export interface ReplicaSetPlan {
  /** How many pods to create. */
  readonly create: number;
  readonly remove: readonly PodView[];
  readonly status: {
    readonly replicas: number;
    readonly fullyLabeledReplicas: number;
    readonly readyReplicas: number;
    readonly availableReplicas: number;
    readonly observedGeneration: number;
  };
  readonly againAtMs?: number | undefined;
}

/** At most so many pods are created or deleted at a time (kube-controller-manager: BurstReplicas). */
const burst = 500;

/** Which pods must come and go so that as many run as are asked for. `owned` are the pods that the set manages. */
export function planReplicaSet(
  set: ReplicaSetView,
  owned: readonly PodView[],
  nowMs: number,
): ReplicaSetPlan {
  const active = owned.filter(isActive);
  const surplus = active.length - set.replicas;
  const counts = countPods(active, set.minReadySeconds, nowMs);
  return {
    create: set.deleting ? 0 : Math.min(Math.max(-surplus, 0), burst),
    remove: set.deleting || surplus <= 0 ? [] : expendable(active).slice(0, Math.min(surplus, burst)),
    status: {
      replicas: counts.total,
      fullyLabeledReplicas: counts.total,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      observedGeneration: set.generation,
    },
    againAtMs: counts.availableAtMs,
  };
}

/**
 * Those to give up first, in Kubernetes' order (`ActivePodsWithRanks`): without a node, not running, not ready, on a
 * node with more of the same set, ready for a shorter time, younger.
 */
function expendable(pods: readonly PodView[]): PodView[] {
  const perNode = new Map<string, number>();
  for (const pod of pods) perNode.set(pod.nodeName, (perNode.get(pod.nodeName) ?? 0) + 1);
  const ranks = (pod: PodView) => [
    pod.nodeName === "" ? 0 : 1,
    pod.phase === "Running" ? 1 : 0,
    pod.ready ? 1 : 0,
    -(perNode.get(pod.nodeName) ?? 0),
    -pod.readySinceMs,
    -pod.createdMs,
  ];
  return pods
    .map((pod) => ({ pod, ranks: ranks(pod) }))
    .sort((a, b) => {
      for (const [index, rank] of a.ranks.entries()) {
        const other = b.ranks[index] ?? 0;
        if (rank !== other) return rank - other;
      }
      return a.pod.name < b.pod.name ? 1 : -1;
    })
    .map(({ pod }) => pod);
}

/** The pod that the set's template describes. */
export function podOf(set: ReplicaSetView, suffix: string): KubeObject {
  const { labels = {}, annotations = {} } = set.template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${set.name}-${suffix}`,
      generateName: `${set.name}-`,
      namespace: set.namespace,
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ownerReferences: controlledBy(set, "apps/v1", "ReplicaSet"),
    },
    spec: set.template.spec,
  };
}
