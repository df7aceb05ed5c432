import type { KubeObject } from "#k8s/mod.ts";
import { isRecord } from "../object.ts";
import { finalizersOf } from "../operations/mod.ts";

/** What a namespace that is being deleted still holds of one resource, such as `widgets.example.io`. */
export interface Remaining {
  readonly resource: string;
  readonly objects: readonly KubeObject[];
}

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/**
 * The five conditions of a namespace in deletion, in the words of a real cluster's namespace controller
 * (core/v1 NamespaceConditionType). A condition whose status stays keeps the time of its last turn.
 */
export function terminationConditions(
  remaining: readonly Remaining[],
  before: unknown,
  time: string,
): (Condition & { lastTransitionTime: string })[] {
  const old = Array.isArray(before) ? before.filter(isRecord) : [];
  return [
    fine("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    fine(
      "NamespaceDeletionGroupVersionParsingFailure",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    fine(
      "NamespaceDeletionContentFailure",
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    contentRemaining(remaining),
    finalizersRemaining(remaining),
  ].map((condition) => {
    const known = old.find(({ type, status }) => type === condition.type && status === condition.status);
    return { ...condition, lastTransitionTime: String(known?.lastTransitionTime ?? time) };
  });
}

function contentRemaining(remaining: readonly Remaining[]): Condition {
  const type = "NamespaceContentRemaining";
  if (remaining.length === 0) return fine(type, "ContentRemoved", "All content successfully removed");
  // A real server writes resource, dot and group, and leaves the dot where the group is empty.
  const named = (resource: string) => (resource.includes(".") ? resource : `${resource}.`);
  const list = remaining.map(
    ({ resource, objects }) => `${named(resource)} has ${objects.length} resource instances`,
  );
  return {
    type,
    status: "True",
    reason: "SomeResourcesRemain",
    message: `Some resources are remaining: ${list.sort().join(", ")}`,
  };
}

function finalizersRemaining(remaining: readonly Remaining[]): Condition {
  const type = "NamespaceFinalizersRemaining";
  const counts = new Map<string, number>();
  for (const finalizer of remaining.flatMap(({ objects }) => objects.flatMap(finalizersOf))) {
    counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  }
  if (counts.size === 0) {
    return fine(type, "ContentHasNoFinalizers", "All content-preserving finalizers finished");
  }
  const list = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return {
    type,
    status: "True",
    reason: "SomeFinalizersRemain",
    message: `Some content in the namespace has finalizers remaining: ${list.sort().join(", ")}`,
  };
}

function fine(type: string, reason: string, message: string): Condition {
  return { type, status: "False", reason, message };
}
