import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { controlledBy, list, type ObjectView, objectView, read, scalars, stringMap } from "./objects.ts";
import type { PodCounts } from "./pod.ts";
import { type PodTemplate, type ReplicaSetView, templateHashLabel, templateSchema } from "./replica_set.ts";
import { templateHash } from "./template_hash.ts";

const { text, count, flag } = scalars;

/** A Deployment (apps/v1). */
export interface DeploymentView extends ObjectView {
  readonly replicas: number;
  readonly paused: boolean;
  readonly selector: {
    readonly matchLabels: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly template: PodTemplate;
  readonly recreate: boolean;
  /** A number or a percentage of `replicas`. */
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly minReadySeconds: number;
  readonly progressDeadlineSeconds: number;
  readonly revisionHistoryLimit: number;
  readonly status: DeploymentStatus;
}

export interface DeploymentStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly unavailableReplicas: number;
  readonly conditions: readonly DeploymentCondition[];
}

export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

/** A ReplicaSet of the Deployment and how its pods fare. */
export interface OwnedSet {
  readonly set: ReplicaSetView;
  readonly pods: PodCounts;
}

const bound = v.nullish(v.union([v.number(), v.string()]), "25%");
const specSchema = v.object({
  replicas: count(1),
  paused: flag,
  selector: v.looseObject({ matchLabels: stringMap }),
  template: templateSchema,
  strategy: v.nullish(
    v.object({
      type: text,
      rollingUpdate: v.nullish(v.object({ maxSurge: bound, maxUnavailable: bound }), {}),
    }),
    {},
  ),
  minReadySeconds: count(0),
  progressDeadlineSeconds: count(600),
  revisionHistoryLimit: count(10),
});
const statusSchema = v.object({
  observedGeneration: count(0),
  replicas: count(0),
  updatedReplicas: count(0),
  readyReplicas: count(0),
  availableReplicas: count(0),
  unavailableReplicas: count(0),
  conditions: list(
    v.object({
      type: text,
      status: text,
      reason: text,
      message: text,
      lastUpdateTime: text,
      lastTransitionTime: text,
    }),
  ),
});

export function deploymentView(object: KubeObject): DeploymentView {
  const { strategy, ...spec } = read(specSchema, object, object.spec);
  return {
    ...objectView(object),
    ...spec,
    recreate: strategy.type === "Recreate",
    maxSurge: strategy.rollingUpdate.maxSurge,
    maxUnavailable: strategy.rollingUpdate.maxUnavailable,
    status: read(statusSchema, object, object.status),
  };
}

export const revisionAnnotation = "deployment.kubernetes.io/revision";

/** 0 where there is none. */
export function revisionOf(object: ObjectView): number {
  return Number(object.annotations[revisionAnnotation] ?? 0) || 0;
}

export function isCurrent(set: ReplicaSetView, deployment: DeploymentView): boolean {
  return set.labels[templateHashLabel] === templateHash(deployment.template);
}

/** What `kubectl apply` keeps for itself and what belongs to one object only is not handed down. */
function inheritedAnnotations(deployment: DeploymentView): Record<string, string> {
  const own = /^(kubectl\.kubernetes\.io\/last-applied-configuration$|deployment\.kubernetes\.io\/)/;
  return Object.fromEntries(Object.entries(deployment.annotations).filter(([name]) => !own.test(name)));
}

/** The ReplicaSet for the Deployment's present template. */
export function replicaSetOf(deployment: DeploymentView, replicas: number, revision: number): KubeObject {
  const hash = { [templateHashLabel]: templateHash(deployment.template) };
  const { template, selector } = deployment;
  const labels = { ...template.metadata?.labels, ...hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment.name}-${hash[templateHashLabel]}`,
      namespace: deployment.namespace,
      labels,
      annotations: { ...inheritedAnnotations(deployment), [revisionAnnotation]: String(revision) },
      ownerReferences: controlledBy(deployment, "apps/v1", "Deployment"),
    },
    spec: {
      replicas,
      minReadySeconds: deployment.minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
