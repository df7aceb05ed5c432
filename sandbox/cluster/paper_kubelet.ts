import { parsePrefix } from "#core/net/mod.ts";
import { createInformer, type KubeClient, type KubeObject, type Logger, resources } from "#k8s/mod.ts";
import {
  isPlayed,
  isToldAlready,
  type LocalPod,
  localPod,
  PodAddresses,
  runningStatus,
} from "../agent/kubelet/mod.ts";
import type { Station } from "../lab/mod.ts";

/**
 * The nodes' kubelets where there are no namespaces: pods get addresses and are said to be ready, so that Services
 * have endpoints and speakers decide as they would; nothing answers there.
 */
export function startPaperKubelet(
  client: KubeClient,
  nodes: readonly Station[],
  options: { log: Logger; signal: AbortSignal },
): void {
  const { log, signal } = options;
  const byName = new Map(
    nodes.flatMap((node) => {
      const prefix = parsePrefix(node.podCidr ?? "");
      return prefix ? [[node.name, { address: node.address, pods: new PodAddresses(prefix) }] as const] : [];
    }),
  );
  const pods = createInformer(client, {
    resource: resources.pods,
    project: (object) => ({ ...localPod(object), node: nodeOf(object) }),
    log,
    signal,
  });
  pods.subscribe({
    changed: (pod) => {
      play(pod).catch((error) => log.warn("cannot play a pod", { pod: pod.key, error }));
    },
    removed: ({ uid, node }) => void byName.get(node)?.pods.release(uid),
  });

  async function play(pod: LocalPod & { node: string }): Promise<void> {
    const node = byName.get(pod.node);
    if (!node || !isPlayed(pod)) return;
    if (pod.deleting) return await client.remove(resources.pods, pod.name, pod.namespace);
    const address = node.pods.take(pod.uid, pod.podIP);
    if (!address) throw new Error(`No free pod address is left on ${pod.node}`);
    const status = runningStatus(pod, address, node.address, Date.now());
    if (isToldAlready(pod, status)) return;
    const target = { name: pod.name, namespace: pod.namespace, subresource: "status" } as const;
    await client.patch(resources.pods, target, "merge", { status });
  }
}

function nodeOf(object: KubeObject): string {
  return (object.spec as { nodeName?: string } | undefined)?.nodeName ?? "";
}
