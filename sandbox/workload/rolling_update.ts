import type { DeploymentView, OwnedSet } from "./deployment.ts";

/** How far a rolling update may go above and below the wanted number of pods. */
export interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Percentages are of `replicas`: surge rounds up, unavailable down; both 0 would never move, so one may be missing. */
export function boundsOf(deployment: DeploymentView): Bounds {
  const { replicas } = deployment;
  if (deployment.recreate) return { maxSurge: 0, maxUnavailable: replicas };
  const maxSurge = resolve(deployment.maxSurge, replicas, Math.ceil);
  const maxUnavailable = Math.min(resolve(deployment.maxUnavailable, replicas, Math.floor), replicas);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

function resolve(bound: number | string, replicas: number, round: (value: number) => number): number {
  if (typeof bound === "number") return Math.max(bound, 0);
  return Math.max(round((Number.parseInt(bound, 10) * replicas) / 100) || 0, 0);
}

/** Replicas that the new set may have now (`NewRSNewReplicas`); `others` is the sum that the old sets still ask for. */
export function newSetReplicas(
  deployment: DeploymentView,
  current: number,
  others: number,
  oldPodsLeft: number,
): number {
  const { replicas } = deployment;
  if (deployment.recreate) return others + oldPodsLeft > 0 ? current : replicas;
  if (current >= replicas) return replicas;
  const room = replicas + boundsOf(deployment).maxSurge - current - others;
  return current + Math.max(Math.min(room, replicas - current), 0);
}

/**
 * Replicas that each old set keeps (`reconcileOldReplicaSets`): first pods that serve nobody go, oldest set first,
 * then as many of the serving ones as still leaves `replicas - maxUnavailable` available.
 */
export function oldSetReplicas(
  deployment: DeploymentView,
  olds: readonly OwnedSet[],
  current: { replicas: number; available: number },
): Map<string, number> {
  const kept = new Map(olds.map(({ set }) => [set.name, deployment.recreate ? 0 : set.replicas]));
  if (deployment.recreate) return kept;
  const minAvailable = deployment.replicas - boundsOf(deployment).maxUnavailable;
  const total = olds.reduce((sum, { set }) => sum + set.replicas, current.replicas);
  let budget = total - minAvailable - Math.max(current.replicas - current.available, 0);
  for (const { set, pods } of olds) {
    const idle = Math.min(Math.max(set.replicas - pods.available, 0), Math.max(budget, 0));
    kept.set(set.name, set.replicas - idle);
    budget -= idle;
  }
  const available = olds.reduce((sum, { pods }) => sum + pods.available, current.available);
  let spare = available - minAvailable;
  for (const { set } of olds) {
    const left = kept.get(set.name) ?? 0;
    const less = Math.min(left, Math.max(spare, 0));
    kept.set(set.name, left - less);
    spare -= less;
  }
  return kept;
}
