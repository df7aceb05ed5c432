import { parsePrefix } from "#core/net/mod.ts";
import { createInformer, type KubeClient, KubeError, type Logger, resources, systemClock } from "#k8s/mod.ts";
import { WorkQueue } from "../../workload/mod.ts";
import { ipBatch, run } from "../host.ts";
import type { Visit } from "./answer.ts";
import { isPlayed, type LocalPod, localPod } from "./local_pod.ts";
import { PodAddresses } from "./pod_addresses.ts";
import { type PodServers, servePod } from "./pod_servers.ts";
import { isToldAlready, runningStatus } from "./pod_status.ts";

export interface KubeletOptions {
  node: { readonly name: string; readonly address: string; readonly podCidr: string };
  nodeAt: Visit["nodeAt"];
  log: Logger;
  signal: AbortSignal;
}

/** A pod that is up: its servers, and when they are to stop once it is leaving. */
interface PlayedPod {
  readonly uid: string;
  readonly address: string;
  readonly servers: PodServers;
  stopAtMs?: number;
}

/** A leaving pod serves on for so long, so that every node's rules have let go of it before it stops. */
const lingerMs = 300;

/**
 * kubelet for one node: each pod bound to it gets an address of the node's range on `lo` and servers that answer, and
 * its status says so. A pod that leaves is first not ready, then stopped, then deleted for good.
 */
export function startKubelet(client: KubeClient, options: KubeletOptions): { ready: Promise<void> } {
  const { node, nodeAt, log, signal } = options;
  const prefix = parsePrefix(node.podCidr);
  if (!prefix)
    throw new Error(`The pod range "${node.podCidr}" of ${node.name} is no prefix such as 10.244.1.0/24`);
  const addresses = new PodAddresses(prefix);
  const played = new Map<string, PlayedPod>();
  const pods = createInformer(client, {
    resource: resources.pods,
    fieldSelector: `spec.nodeName=${node.name}`,
    project: localPod,
    log,
    signal,
  });
  const queue = new WorkQueue({ name: "pods", handle, workers: 8, log, signal, clock: systemClock });
  pods.subscribe({ changed: ({ key }) => queue.add(key), removed: ({ key }) => queue.add(key) });
  signal.addEventListener("abort", () => {
    for (const { servers } of played.values()) void servers.stop();
  });
  const ready = pods.whenSynced().then(async () => {
    await adopt();
    queue.open();
  });
  return { ready };

  /** Running pods keep the address that the cluster knows; what an earlier agent left on `lo` beyond that goes. */
  async function adopt(): Promise<void> {
    const kept = new Set<string>();
    for (const pod of pods.values()) {
      if (isPlayed(pod) && addresses.contains(pod.podIP)) kept.add(addresses.take(pod.uid, pod.podIP) ?? "");
    }
    const links = JSON.parse(await run(["ip", "-j", "address", "show", "dev", "lo"])) as {
      addr_info: { local: string }[];
    }[];
    const present = links.flatMap(({ addr_info }) => addr_info.map(({ local }) => local));
    const stale = present.filter((address) => addresses.contains(address) && !kept.has(address));
    await ipBatch(stale.map((address) => `address del ${address}/32 dev lo`));
  }

  async function handle(key: string): Promise<number | undefined> {
    const pod = pods.get(key);
    const present = played.get(key);
    const isSame = pod?.uid === present?.uid;
    if (present && (!pod || !isSame || pod.deleting || !isPlayed(pod))) {
      if (pod?.deleting && isSame) await report(pod, present);
      present.stopAtMs ??= Date.now() + lingerMs;
      if (Date.now() < present.stopAtMs) return present.stopAtMs;
      await stop(key, present);
    }
    if (!pod || !isPlayed(pod)) return undefined;
    if (pod.deleting) await release(pod);
    else await report(pod, played.get(key) ?? (await start(key, pod)));
    return undefined;
  }

  async function start(key: string, pod: LocalPod): Promise<PlayedPod> {
    const address = addresses.take(pod.uid, pod.podIP);
    if (!address) throw new Error(`No free address is left in ${node.podCidr} for the pod ${key}`);
    try {
      await ipBatch(["link set lo up", `address replace ${address}/32 dev lo`]);
      const servers = await servePod(pod, address, node.name, nodeAt);
      const started = { uid: pod.uid, address, servers };
      played.set(key, started);
      return started;
    } catch (cause) {
      addresses.release(pod.uid);
      throw new Error(`Cannot start the pod ${key} at ${address}: ${String(cause)}`, { cause });
    }
  }

  async function stop(key: string, { uid, address, servers }: PlayedPod): Promise<void> {
    await servers.stop();
    await ipBatch([`address del ${address}/32 dev lo`]);
    addresses.release(uid);
    played.delete(key);
  }

  async function report(pod: LocalPod, { address }: PlayedPod): Promise<void> {
    const status = runningStatus(pod, address, node.address, Date.now());
    if (isToldAlready(pod, status)) return;
    const target = { name: pod.name, namespace: pod.namespace, subresource: "status" } as const;
    await client.patch(resources.pods, target, "merge", { status });
  }

  /** The last word of the node: nothing of the pod runs any more, its object may go. */
  async function release(pod: LocalPod): Promise<void> {
    try {
      await client.remove(resources.pods, pod.name, pod.namespace);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 404) throw error;
    }
  }
}
