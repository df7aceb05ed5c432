import { resources } from "#k8s/mod.ts";
import type { Cluster } from "./cluster.ts";
import { placePod } from "./placement.ts";
import { isActive, type PodView } from "./pod.ts";

/**
 * Gives each pod without a node one, as {@link placePod} says. One pod at a time, so that each choice sees the one
 * before. kube-scheduler POSTs a Binding; the client has no such call, and a patch of spec.nodeName has the same effect
 * on the sandbox's API.
 */
export function runScheduler(cluster: Cluster): void {
  const events = cluster.recorder("default-scheduler");
  const queue = cluster.queue("scheduler", 1, schedule);
  const isWaiting = (pod: PodView) => pod.nodeName === "" && isActive(pod);
  cluster.pods.subscribe((after) => {
    if (after && isWaiting(after)) queue.add(after.key);
  });
  cluster.nodes.subscribe((after) => {
    if (after) for (const pod of cluster.podsByNode.of("")) queue.add(pod.key);
  });

  async function schedule(key: string): Promise<undefined> {
    const pod = cluster.pods.get(key);
    if (!pod || !isWaiting(pod)) return;
    const { name, namespace, uid } = pod;
    const subject = { apiVersion: "v1", kind: "Pod", namespace, name, uid };
    const placement = placePod(pod, cluster.nodes.values(), (node) => cluster.podsByNode.of(node));
    if ("node" in placement) {
      const body = { spec: { nodeName: placement.node } };
      cluster.pods.written(await cluster.client.patch(resources.pods, { name, namespace }, "merge", body));
      const message = `Successfully assigned ${key} to ${placement.node}`;
      events.record(subject, "Normal", "Scheduled", message);
    } else if (pod.unschedulable !== placement.refused) {
      const target = { name, namespace, subresource: "status" } as const;
      const body = { status: { phase: "Pending", conditions: [refusedCondition(placement.refused)] } };
      cluster.pods.written(await cluster.client.patch(resources.pods, target, "merge", body));
      events.record(subject, "Warning", "FailedScheduling", placement.refused);
    }
  }

  function refusedCondition(message: string) {
    const lastTransitionTime = new Date(cluster.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    return { type: "PodScheduled", status: "False", reason: "Unschedulable", message, lastTransitionTime };
  }
}
