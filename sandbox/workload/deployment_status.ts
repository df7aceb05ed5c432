import type { DeploymentCondition, DeploymentStatus, DeploymentView, OwnedSet } from "./deployment.ts";
import { boundsOf } from "./rolling_update.ts";

interface Claim {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** What the Deployment's status must be: the counts, and the conditions that `kubectl rollout` and `wait` read. */
export function deploymentStatus(
  deployment: DeploymentView,
  sets: readonly OwnedSet[],
  current: OwnedSet | undefined,
  nowMs: number,
): { status: DeploymentStatus; againAtMs: number | undefined } {
  const sum = (pick: (owned: OwnedSet) => number) => sets.reduce((total, owned) => total + pick(owned), 0);
  const counts = {
    observedGeneration: deployment.generation,
    replicas: sum(({ pods }) => pods.total),
    updatedReplicas: current?.pods.total ?? 0,
    readyReplicas: sum(({ pods }) => pods.ready),
    availableReplicas: sum(({ pods }) => pods.available),
    unavailableReplicas: 0,
  };
  counts.unavailableReplicas = Math.max(sum(({ set }) => set.replicas) - counts.availableReplicas, 0);
  const at = new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z");
  const before = new Map(deployment.status.conditions.map((condition) => [condition.type, condition]));
  const known = before.get("Progressing");
  const progress = progressing(deployment, counts, current, known, nowMs);
  const conditions = [
    renew(before.get("Available"), "Available", available(deployment, counts.availableReplicas), at, false),
    renew(known, "Progressing", progress.claim, at, progress.moved),
  ];
  return { status: { ...counts, conditions }, againAtMs: progress.deadlineMs };
}

function available(deployment: DeploymentView, count: number): Claim {
  return count >= deployment.replicas - boundsOf(deployment).maxUnavailable
    ? { status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }
    : {
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

/** `syncRolloutStatus` of the deployment controller: complete, moving, or without a move for too long. */
function progressing(
  deployment: DeploymentView,
  counts: Omit<DeploymentStatus, "conditions">,
  current: OwnedSet | undefined,
  known: DeploymentCondition | undefined,
  nowMs: number,
): { claim: Claim; moved: boolean; deadlineMs?: number } {
  const { replicas, status: before } = deployment;
  const name = current ? `ReplicaSet "${current.set.name}"` : `Deployment "${deployment.name}"`;
  const isComplete =
    counts.updatedReplicas === replicas &&
    counts.replicas === replicas &&
    counts.availableReplicas === replicas;
  const isNewTemplate = before.observedGeneration !== deployment.generation;
  if (
    isComplete ||
    (known?.reason === "NewReplicaSetAvailable" && counts.replicas === counts.updatedReplicas)
  ) {
    const message = `${name} has successfully progressed.`;
    return { claim: { status: "True", reason: "NewReplicaSetAvailable", message }, moved: false };
  }
  if (deployment.paused) {
    const claim = { status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" } as const;
    return { claim, moved: false };
  }
  const moved =
    isNewTemplate ||
    counts.updatedReplicas > before.updatedReplicas ||
    counts.replicas - counts.updatedReplicas < before.replicas - before.updatedReplicas ||
    counts.readyReplicas > before.readyReplicas ||
    counts.availableReplicas > before.availableReplicas;
  const sinceMs = moved || !known ? nowMs : Date.parse(known.lastUpdateTime) || nowMs;
  const deadlineMs = sinceMs + deployment.progressDeadlineSeconds * 1000;
  if (!moved && (known?.reason === "ProgressDeadlineExceeded" || deadlineMs <= nowMs)) {
    const message = `${name} has timed out progressing.`;
    return { claim: { status: "False", reason: "ProgressDeadlineExceeded", message }, moved: false };
  }
  const claim = { status: "True", reason: "ReplicaSetUpdated", message: `${name} is progressing.` } as const;
  return { claim, moved, deadlineMs };
}

function renew(
  before: DeploymentCondition | undefined,
  type: string,
  claim: Claim,
  at: string,
  touch: boolean,
): DeploymentCondition {
  const sameClaim = before?.reason === claim.reason && before.message === claim.message;
  const lastTransitionTime = before?.status === claim.status ? before.lastTransitionTime : at;
  const lastUpdateTime =
    before && sameClaim && before.status === claim.status && !touch ? before.lastUpdateTime : at;
  return { type, ...claim, lastUpdateTime, lastTransitionTime };
}
