/**
 * kubelet for one node: pods get addresses, servers that answer, and a status; the node gets its heartbeat. The parts
 * that touch nothing (what a pod is, what its status says, which address it gets) also serve a sandbox without namespaces.
 *
 * ```ts
 * const { ready } = startKubelet(client, { node, nodeAt: (address) => undefined, log, signal });
 * ```
 */
export { answerRequest, answerText, receiverOf, type Visit } from "./answer.ts";
export { type HeartbeatOptions, keepHeartbeat } from "./heartbeat.ts";
export { type KubeletOptions, startKubelet } from "./kubelet.ts";
export { isPlayed, type LocalPod, localPod, portsOf } from "./local_pod.ts";
export { PodAddresses } from "./pod_addresses.ts";
export { isToldAlready, kubeTime, runningStatus } from "./pod_status.ts";
