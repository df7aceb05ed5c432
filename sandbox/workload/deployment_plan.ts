import type { KubeObject } from "#k8s/mod.ts";
import {
  type DeploymentStatus,
  type DeploymentView,
  isCurrent,
  type OwnedSet,
  replicaSetOf,
  revisionOf,
} from "./deployment.ts";
import { deploymentStatus } from "./deployment_status.ts";
import type { ReplicaSetView } from "./replica_set.ts";
import { newSetReplicas, oldSetReplicas } from "./rolling_update.ts";

export interface DeploymentPlan {
  readonly create?: KubeObject | undefined;
  readonly scale: readonly { readonly set: ReplicaSetView; readonly replicas: number }[];
  /** Old sets beyond the history limit. */
  readonly remove: readonly ReplicaSetView[];
  /** An old set that is current again (a rollback) gets the newest revision. */
  readonly renumber?: { readonly set: ReplicaSetView; readonly revision: number } | undefined;
  /** Revision for the Deployment's own annotation; undefined while there is no current set. */
  readonly revision?: number | undefined;
  readonly status: DeploymentStatus;
  readonly againAtMs?: number | undefined;
}

/**
 * One step of a Deployment towards its template and size: Kubernetes' rolling update and Recreate. While paused only the
 * size is followed. Left out: proportional scaling of several sets in mid-rollout (the rollout itself evens it out) and
 * adoption of foreign ReplicaSets.
 */
export function planDeployment(
  deployment: DeploymentView,
  owned: readonly OwnedSet[],
  nowMs: number,
): DeploymentPlan {
  const byAge = [...owned].sort(
    (a, b) => a.set.createdMs - b.set.createdMs || (a.set.name < b.set.name ? -1 : 1),
  );
  const current = byAge.find(({ set }) => isCurrent(set, deployment) && !set.deleting);
  const olds = byAge.filter((other) => other !== current && !other.set.deleting);
  const { status, againAtMs } = deploymentStatus(deployment, byAge, current, nowMs);
  const newest = Math.max(0, ...olds.map(({ set }) => revisionOf(set)));
  const revision = Math.max(newest + 1, current ? revisionOf(current.set) : 0);
  const counted = [againAtMs, ...byAge.map(({ pods }) => pods.availableAtMs)].filter(
    (at) => at !== undefined,
  );
  const base = {
    scale: [],
    remove: [],
    status,
    againAtMs: counted.length > 0 ? Math.min(...counted) : undefined,
  };
  if (deployment.deleting) return base;
  if (deployment.paused) return { ...base, scale: resize(deployment, byAge, current) };

  const others = olds.reduce((sum, { set }) => sum + set.replicas, 0);
  const oldPodsLeft = olds.reduce((sum, { pods }) => sum + pods.total + pods.terminating, 0);
  if (!current) {
    const replicas = newSetReplicas(deployment, 0, others, oldPodsLeft);
    const create = replicaSetOf(deployment, replicas, revision);
    const scale = deployment.recreate ? shrink(deployment, olds, { replicas: 0, available: 0 }) : [];
    return { ...base, create, scale, revision };
  }
  const replicas = newSetReplicas(deployment, current.set.replicas, others, oldPodsLeft);
  const scale = [
    ...(replicas === current.set.replicas ? [] : [{ set: current.set, replicas }]),
    ...shrink(deployment, olds, { replicas: current.set.replicas, available: current.pods.available }),
  ];
  const spent = olds.filter(({ set, pods }) => set.replicas === 0 && pods.total === 0).map(({ set }) => set);
  const remove = isComplete(deployment, status)
    ? spent
        .sort((a, b) => revisionOf(a) - revisionOf(b))
        .slice(0, Math.max(spent.length - deployment.revisionHistoryLimit, 0))
    : [];
  const renumber = revision === revisionOf(current.set) ? undefined : { set: current.set, revision };
  return { ...base, scale, remove, renumber, revision };
}

function shrink(
  deployment: DeploymentView,
  olds: readonly OwnedSet[],
  current: { replicas: number; available: number },
) {
  const kept = oldSetReplicas(deployment, olds, current);
  return olds
    .map(({ set }) => ({ set, replicas: kept.get(set.name) ?? set.replicas }))
    .filter(({ set, replicas }) => replicas !== set.replicas);
}

/** A paused Deployment that has one active set is still scaled. */
function resize(deployment: DeploymentView, byAge: readonly OwnedSet[], current: OwnedSet | undefined) {
  const active = byAge.filter(({ set }) => set.replicas > 0);
  const [only, ...more] = active.length > 0 ? active : [current ?? byAge.at(-1)];
  if (!only || more.length > 0 || only.set.replicas === deployment.replicas) return [];
  return [{ set: only.set, replicas: deployment.replicas }];
}

function isComplete({ replicas }: DeploymentView, status: DeploymentStatus): boolean {
  return status.updatedReplicas === replicas && status.replicas === replicas;
}
