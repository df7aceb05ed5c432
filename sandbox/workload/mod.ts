/**
 * What kube-controller-manager and kube-scheduler do for a workload, as far as the sandbox needs it: Deployment to
 * ReplicaSet to Pods, a node for each pod, EndpointSlices for Services, and nodes that fall silent or go. What loses its
 * owner is deleted by the API itself.
 * Each controller is a pure plan (`*_plan.ts`, `placement.ts`, `replica_set.ts`) and a small driver that carries it out.
 *
 * ```ts
 * const { ready } = startWorkload(api.client, { log, signal, now: Date.now });
 * await ready; // from here on, `kubectl create deployment` makes pods
 * ```
 *
 * Limits: no DaemonSets, StatefulSets and Jobs; placement looks at readiness, taints, nodeSelector and counts only;
 * IPv4 endpoints only. Nothing is polled: a step follows a watch event or a deadline.
 */
import { type KubeClient, type Logger, systemClock } from "#k8s/mod.ts";
import { Cluster } from "./cluster.ts";
import { runDeploymentController } from "./deployment_controller.ts";
import { runNodeLifecycle } from "./node_lifecycle.ts";
import { runPodCollector } from "./pod_collector.ts";
import { runReplicaSetController } from "./replica_set_controller.ts";
import { runScheduler } from "./scheduler.ts";
import { runSliceController } from "./slice_controller.ts";

export { nodeLeaseNamespace } from "./node_lease.ts";
export { leases } from "./objects.ts";
export { WorkQueue, type WorkQueueOptions } from "./work_queue.ts";

export interface WorkloadOptions {
  log: Logger;
  /** Ends every controller. */
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Starts the controllers; `ready` resolves when they have seen the whole cluster and begin to act. */
export function startWorkload(client: KubeClient, options: WorkloadOptions): { ready: Promise<void> } {
  const { log, signal, now } = options;
  const cluster = new Cluster(client, { log, signal, clock: { ...systemClock, now } });
  runDeploymentController(cluster);
  runReplicaSetController(cluster);
  runScheduler(cluster);
  runSliceController(cluster);
  runPodCollector(cluster);
  runNodeLifecycle(cluster);
  return { ready: cluster.open() };
}
