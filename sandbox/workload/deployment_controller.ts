import { resources } from "#k8s/mod.ts";
import type { Cluster } from "./cluster.ts";
import { type DeploymentView, revisionAnnotation } from "./deployment.ts";
import { planDeployment } from "./deployment_plan.ts";
import { replicaSets } from "./objects.ts";
import { countPods } from "./pod.ts";
import type { ReplicaSetView } from "./replica_set.ts";

/** Keeps the ReplicaSets and the status of each Deployment as {@link planDeployment} says. */
export function runDeploymentController(cluster: Cluster): void {
  const events = cluster.recorder("deployment-controller");
  const queue = cluster.queue("deployments", 4, reconcile);
  const ownerOf = (set: ReplicaSetView | undefined) => {
    if (set?.owner?.kind === "Deployment") queue.add(`${set.namespace}/${set.owner.name}`);
  };
  cluster.deployments.subscribe((after) => after && queue.add(after.key));
  cluster.replicaSets.subscribe((after, before) => ownerOf(after ?? before));
  cluster.pods.subscribe((after, before) => {
    const pod = after ?? before;
    if (pod?.owner?.kind === "ReplicaSet") {
      ownerOf(cluster.replicaSets.get(`${pod.namespace}/${pod.owner.name}`));
    }
  });

  async function reconcile(key: string): Promise<number | undefined> {
    const deployment = cluster.deployments.get(key);
    if (!deployment) return undefined;
    const nowMs = cluster.clock.now();
    const owned = cluster.setsByOwner.of(deployment.uid).map((set) => ({
      set,
      pods: countPods(cluster.podsByOwner.of(set.uid), deployment.minReadySeconds, nowMs),
    }));
    const plan = planDeployment(deployment, owned, nowMs);
    const target = { name: deployment.name, namespace: deployment.namespace };
    if (plan.create) {
      const set = cluster.replicaSets.written(await cluster.client.create(replicaSets, plan.create));
      if (set.replicas > 0) scaled(deployment, set.name, 0, set.replicas);
    }
    for (const { set, replicas } of plan.scale) {
      await patchSet(set, { spec: { replicas } });
      scaled(deployment, set.name, set.replicas, replicas);
    }
    if (plan.renumber) {
      const annotations = { [revisionAnnotation]: String(plan.renumber.revision) };
      await patchSet(plan.renumber.set, { metadata: { annotations } });
    }
    for (const set of plan.remove) await cluster.remove(replicaSets, cluster.replicaSets, set);
    const revision = String(plan.revision ?? "");
    if (revision && deployment.annotations[revisionAnnotation] !== revision) {
      const body = { metadata: { annotations: { [revisionAnnotation]: revision } } };
      cluster.deployments.written(await cluster.client.patch(resources.deployments, target, "merge", body));
    }
    if (!Bun.deepEquals(plan.status, deployment.status)) {
      const onStatus = { ...target, subresource: "status" } as const;
      const body = { status: plan.status };
      cluster.deployments.written(await cluster.client.patch(resources.deployments, onStatus, "merge", body));
    }
    return plan.againAtMs;
  }

  async function patchSet(set: ReplicaSetView, body: object): Promise<void> {
    const target = { name: set.name, namespace: set.namespace };
    cluster.replicaSets.written(await cluster.client.patch(replicaSets, target, "merge", body));
  }

  function scaled({ namespace, name, uid }: DeploymentView, set: string, from: number, to: number): void {
    const subject = { apiVersion: "apps/v1", kind: "Deployment", namespace, name, uid };
    const way = to > from ? "up" : "down";
    events.record(
      subject,
      "Normal",
      "ScalingReplicaSet",
      `Scaled ${way} replica set ${set} from ${from} to ${to}`,
    );
  }
}
