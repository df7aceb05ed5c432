import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { record, records, text } from "../object.ts";
import {
  type ApiContext,
  type DeleteOptions,
  deleteObject,
  timestamp,
  updateObject,
} from "../operations/mod.ts";
import { notFound, StatusError } from "../status_error.ts";
import { budgetSelects, isHealthy } from "./budget.ts";
import { budgetsId } from "./disruption_controller.ts";

/**
 * The eviction of a pod (kubernetes.io "API-initiated Eviction"): deletes it, unless its PodDisruptionBudget would be
 * violated. The decision and the deletion are one step, and the budget is counted anew in the same turn, so that no two
 * evictions ever rest on the same number; a real server's `status.disruptedPods` has nothing to bridge here.
 */
export function evictPod(
  context: ApiContext,
  kind: Kind,
  namespace: string,
  name: string,
  options: DeleteOptions,
): void {
  const pod = context.store.collection(kind.collection).get(namespace, name)?.object;
  if (pod === undefined) throw notFound(kind, name);
  const budget = isGuarded(pod) ? budgetOf(context, pod) : undefined;
  if (budget !== undefined) refuseViolation(pod, budget);
  // Tells what the preconditions have to say before anything is written.
  deleteObject(context, kind, namespace, name, { ...options, dryRun: true });
  if (options.dryRun) return;
  if (pod.metadata.deletionTimestamp === undefined) markDisrupted(context, kind, pod);
  // The mark has made another resourceVersion; what was asked for was true in this same turn.
  const { resourceVersion: _passed, ...preconditions } = options.preconditions ?? {};
  deleteObject(context, kind, namespace, name, { ...options, preconditions });
}

/** Pods that never ran, that have ended or that go already serve nobody: no budget holds them. */
function isGuarded({ metadata, status }: KubeObject): boolean {
  const phase = text(status, "phase");
  return metadata.deletionTimestamp === undefined && !["Pending", "Succeeded", "Failed"].includes(phase);
}

function budgetOf({ store }: ApiContext, { metadata }: KubeObject): KubeObject | undefined {
  const { labels = {}, namespace } = metadata;
  // As a real server: a pod without labels is in nobody's budget, not even in that of the empty selector.
  if (Object.keys(labels).length === 0) return undefined;
  const [first, ...others] = store
    .collection(budgetsId)
    .list(namespace)
    .filter(({ object }) => budgetSelects(object)(labels));
  if (others.length === 0) return first?.object;
  const message =
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
  throw new StatusError(500, "", message);
}

function refuseViolation(pod: KubeObject, budget: KubeObject): void {
  const {
    currentHealthy = 0,
    desiredHealthy = 0,
    disruptionsAllowed = 0,
    conditions,
  } = budget.status as Status;
  if (!isHealthy(pod)) {
    // An unhealthy pod is none of those that the budget counts: it goes always, or while enough others are healthy.
    const isAlways = text(record(budget, "spec"), "unhealthyPodEvictionPolicy") === "AlwaysAllow";
    if (isAlways || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) return;
  }
  if (disruptionsAllowed > 0) return;
  const { name } = budget.metadata;
  const failure = records({ conditions }, "conditions").find((each) => each.reason === "SyncFailed");
  const cause =
    failure === undefined
      ? `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
      : `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${text(failure, "message")}`;
  throw new StatusError(
    429,
    "TooManyRequests",
    "Cannot evict pod as it would violate the pod's disruption budget.",
    { causes: [{ reason: "DisruptionBudget", message: cause }] },
  );
}

interface Status {
  readonly currentHealthy?: number;
  readonly desiredHealthy?: number;
  readonly disruptionsAllowed?: number;
  readonly conditions?: unknown;
}

/** kubernetes.io "Pod disruption conditions": whoever watches the pod learns why it goes. */
function markDisrupted(context: ApiContext, kind: Kind, { metadata, status }: KubeObject): void {
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: timestamp(context.now()),
  };
  const others = records(status, "conditions").filter((each) => each.type !== condition.type);
  const conditions = [...others, condition];
  const target = { namespace: metadata.namespace ?? "", name: metadata.name, subresource: "status" } as const;
  const change = (current: KubeObject) => ({
    ...current,
    status: { ...record(current, "status"), conditions: structuredClone(conditions) },
  });
  updateObject(context, kind, target, change, {});
}
