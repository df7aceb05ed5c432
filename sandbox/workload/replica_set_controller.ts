import { resources } from "#k8s/mod.ts";
import type { Cluster } from "./cluster.ts";
import { replicaSets } from "./objects.ts";
import { planReplicaSet, podOf, type ReplicaSetView } from "./replica_set.ts";
import { nameSuffix } from "./template_hash.ts";

/** Creates and deletes pods until each ReplicaSet has as many as it asks for, and counts them in its status. */
export function runReplicaSetController(cluster: Cluster): void {
  const events = cluster.recorder("replicaset-controller");
  const queue = cluster.queue("replicasets", 4, reconcile);
  /** Pods that we asked to be deleted and that the watch has not taken away yet: to be counted as gone. */
  const leaving = new Set<string>();
  cluster.replicaSets.subscribe((after) => after && queue.add(after.key));
  cluster.pods.subscribe((after, before) => {
    const pod = after ?? before;
    if (pod?.owner?.kind === "ReplicaSet") queue.add(`${pod.namespace}/${pod.owner.name}`);
    if (!after && before) leaving.delete(before.uid);
  });

  async function reconcile(key: string): Promise<number | undefined> {
    const set = cluster.replicaSets.get(key);
    if (!set) return undefined;
    const owned = cluster.podsByOwner
      .of(set.uid)
      .map((pod) => (leaving.has(pod.uid) ? { ...pod, deleting: true } : pod));
    const plan = planReplicaSet(set, owned, cluster.clock.now());
    await Promise.all([
      ...Array.from({ length: plan.create }, () => createPod(set)),
      ...plan.remove.map(async (pod) => {
        leaving.add(pod.uid);
        await cluster.remove(resources.pods, cluster.pods, pod).catch((error: unknown) => {
          leaving.delete(pod.uid);
          throw error;
        });
        record(set, "SuccessfulDelete", `Deleted pod: ${pod.name}`);
      }),
    ]);
    if (!Bun.deepEquals(plan.status, statusOf(set))) {
      const target = { name: set.name, namespace: set.namespace, subresource: "status" } as const;
      cluster.replicaSets.written(
        await cluster.client.patch(replicaSets, target, "merge", { status: plan.status }),
      );
    }
    return plan.againAtMs;
  }

  async function createPod(set: ReplicaSetView): Promise<void> {
    const suffix = nameSuffix(() => cluster.clock.random());
    const pod = cluster.pods.written(await cluster.client.create(resources.pods, podOf(set, suffix)));
    record(set, "SuccessfulCreate", `Created pod: ${pod.name}`);
  }

  function record({ namespace, name, uid }: ReplicaSetView, reason: string, message: string): void {
    events.record(
      { apiVersion: "apps/v1", kind: "ReplicaSet", namespace, name, uid },
      "Normal",
      reason,
      message,
    );
  }
}

function statusOf({ status }: ReplicaSetView): unknown {
  return {
    replicas: 0,
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    ...(status as object),
  };
}
