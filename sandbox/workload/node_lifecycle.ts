import { resources } from "#k8s/mod.ts";
import type { Cluster } from "./cluster.ts";
import { nodeGraceMs, nodeLeaseNamespace, silentCondition } from "./node_lease.ts";

/**
 * Turns a node's Ready condition to Unknown when its agent has not renewed the node's Lease for 50 s, and its pods not
 * ready with it, so that no traffic is sent there. A node that never had a Lease is left alone.
 */
export function runNodeLifecycle(cluster: Cluster): void {
  const queue = cluster.queue("node lifecycle", 1, look);
  cluster.nodes.subscribe((after) => after && queue.add(after.name));
  cluster.leases.subscribe((after) => after && queue.add(after.name));

  async function look(name: string): Promise<number | undefined> {
    const node = cluster.nodes.get(name);
    const lease = cluster.leases.get(`${nodeLeaseNamespace}/${name}`);
    if (!node || !lease) return undefined;
    const nowMs = cluster.clock.now();
    const silentAtMs = lease.renewedMs + nodeGraceMs;
    if (nowMs < silentAtMs) return silentAtMs;
    if (node.ready !== "Unknown") {
      const body = { status: { conditions: [silentCondition(nowMs)] } };
      await cluster.client.patch(resources.nodes, { name, subresource: "status" }, "strategic", body);
    }
    for (const pod of cluster.podsByNode.of(name)) {
      if (!pod.ready) continue;
      const target = { name: pod.name, namespace: pod.namespace, subresource: "status" } as const;
      const condition = { ...silentCondition(nowMs), status: "False", reason: "NodeNotReady", message: "" };
      const body = { status: { conditions: [condition] } };
      cluster.pods.written(await cluster.client.patch(resources.pods, target, "strategic", body));
    }
    return undefined;
  }
}
