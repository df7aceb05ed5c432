import {
  type Clock,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Logger,
  resources,
  sleep,
} from "#k8s/mod.ts";
import { leases, nodeLeaseNamespace } from "../../workload/mod.ts";
import { kubeTime } from "./pod_status.ts";

export interface HeartbeatOptions {
  node: string;
  log: Logger;
  signal: AbortSignal;
  clock: Clock;
}

const periodMs = 10_000;
/** kubelet's nodeLeaseDurationSeconds. */
const leaseSeconds = 40;

/**
 * Says every 10 s that this node lives: renews its Lease (KEP-589), and makes its condition Ready true where the node
 * has none yet or was given up. Without the namespace for Leases it only does the latter.
 */
export async function keepHeartbeat(client: KubeClient, options: HeartbeatOptions): Promise<void> {
  const { log, signal, clock, node } = options;
  while (!signal.aborted) {
    try {
      await renewLease(client, node, clock.now());
      await becomeReady(client, node, clock.now());
    } catch (error) {
      log.warn("heartbeat: cannot tell the API server that this node lives", { node, error: String(error) });
    }
    await sleep(clock, periodMs, signal);
  }
}

async function renewLease(client: KubeClient, node: string, nowMs: number): Promise<void> {
  // metav1.MicroTime.
  const renewTime = new Date(nowMs).toISOString().replace("Z", "000Z");
  const target = { name: node, namespace: nodeLeaseNamespace };
  try {
    await client.patch(leases, target, "merge", { spec: { renewTime } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    try {
      await client.create(leases, leaseOf(node, renewTime));
    } catch (error) {
      // The namespace is not there: this cluster keeps no node Leases.
      if (!isNotFound(error)) throw error;
    }
  }
}

function leaseOf(node: string, renewTime: string): KubeObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: node, namespace: nodeLeaseNamespace },
    spec: { holderIdentity: node, leaseDurationSeconds: leaseSeconds, renewTime },
  };
}

async function becomeReady(client: KubeClient, node: string, nowMs: number): Promise<void> {
  const { status } = await client.get(resources.nodes, node);
  const { conditions } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  const ready = conditions?.find(({ type }) => type === "Ready")?.status;
  // False is somebody's word, not silence: it is left alone.
  if (ready === "True" || ready === "False") return;
  const now = kubeTime(nowMs);
  const condition = {
    type: "Ready",
    status: "True",
    reason: "KubeletReady",
    message: "the sandbox's agent answers for this node",
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const target = { name: node, subresource: "status" } as const;
  await client.patch(resources.nodes, target, "strategic", { status: { conditions: [condition] } });
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}
