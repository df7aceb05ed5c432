import type { WorkerNodeView } from "./node.ts";
import { isActive, type PodView, type Toleration } from "./pod.ts";

export type Placement = { readonly node: string } | { readonly refused: string };

/**
 * The node for a pod: Ready, schedulable, with the labels of its nodeSelector and no taint it cannot bear; among those
 * the one with the fewest pods of the same owner, then with the fewest pods, then the first by name. Resources, affinity
 * and priority are not looked at. `refused` is worded like kube-scheduler's event.
 */
export function placePod(
  pod: PodView,
  nodes: Iterable<WorkerNodeView>,
  podsOn: (node: string) => Iterable<PodView>,
): Placement {
  const candidates: { name: string; siblings: number; total: number }[] = [];
  const refusals = new Map<string, number>();
  let looked = 0;
  for (const node of nodes) {
    looked++;
    const why = refusal(pod, node);
    if (why) {
      refusals.set(why, (refusals.get(why) ?? 0) + 1);
      continue;
    }
    const others = [...podsOn(node.name)].filter(isActive);
    const siblings = others.filter((other) => pod.owner && other.owner?.uid === pod.owner.uid).length;
    candidates.push({ name: node.name, siblings, total: others.length });
  }
  candidates.sort((a, b) => a.siblings - b.siblings || a.total - b.total || (a.name < b.name ? -1 : 1));
  const best = candidates[0];
  if (best) return { node: best.name };
  const reasons = [...refusals].map(([why, times]) => `${times} node(s) ${why}`).sort();
  return {
    refused:
      looked === 0
        ? "no nodes available to schedule pods"
        : `0/${looked} nodes are available: ${reasons.join(", ")}.`,
  };
}

function refusal(pod: PodView, node: WorkerNodeView): string | undefined {
  if (node.unschedulable) return "were unschedulable";
  if (node.ready !== "True") return "were not ready";
  const taint = node.taints.find(
    (taint) => taint.effect !== "PreferNoSchedule" && !pod.tolerations.some((each) => tolerates(each, taint)),
  );
  if (taint) return `had untolerated taint {${taint.key}: ${taint.value}}`;
  const isSelected = Object.entries(pod.nodeSelector).every(([name, value]) => node.labels[name] === value);
  return isSelected ? undefined : "didn't match Pod's node affinity/selector";
}

function tolerates(toleration: Toleration, taint: WorkerNodeView["taints"][number]): boolean {
  if (toleration.effect !== "" && toleration.effect !== taint.effect) return false;
  if (toleration.key === "") return toleration.operator === "Exists";
  if (toleration.key !== taint.key) return false;
  return toleration.operator === "Exists" || toleration.value === taint.value;
}
