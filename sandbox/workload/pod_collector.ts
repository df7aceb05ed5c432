import { resources } from "#k8s/mod.ts";
import { type Cluster, isNotFound } from "./cluster.ts";

/**
 * Deletes the pods of nodes that are gone, so that their ReplicaSets make new ones (podgc of kube-controller-manager). A
 * node that the copy does not hold may only be late: it is asked for first. What loses its owner is the API's own affair.
 */
export function runPodCollector(cluster: Cluster): void {
  const { nodes, pods } = cluster;
  const queue = cluster.queue("pods of gone nodes", 4, collect);
  pods.subscribe((after) => {
    if (after?.nodeName && !nodes.get(after.nodeName)) queue.add(after.key);
  });
  nodes.subscribe((after, before) => {
    if (!after && before) for (const pod of cluster.podsByNode.of(before.name)) queue.add(pod.key);
  });

  async function collect(key: string): Promise<undefined> {
    const pod = pods.get(key);
    if (!pod?.nodeName || nodes.get(pod.nodeName)) return;
    try {
      await cluster.client.get(resources.nodes, pod.nodeName);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await cluster.remove(resources.pods, pods, pod);
    }
  }
}
