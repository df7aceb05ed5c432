/**
 * What the sandbox's cluster holds before anyone applies anything, and what keeps it true: nodes, accounts and kinds;
 * MetalLB's Deployment and DaemonSet; its Pods, which are processes; the examples.
 *
 * ```ts
 * const { api, serving, credentials } = await openClusterApi(paths, { apiPort: 6443 });
 * await applyBase(api.client, baseObjects(nodes, secretKey, Date.now()));
 * runDaemonSet(api.client, ["node1"], { log, signal });
 * const ownPods = new OwnPods(api.client, launcher, { log, signal });
 * ```
 */
export { AskedController } from "./asked_controller.ts";
export { applyBase, baseObjects, createOrRenew, removeStale } from "./base_objects.ts";
export { type ClusterApi, openClusterApi } from "./cluster_api.ts";
export { admin, Credentials, kubelet, serviceAccount } from "./credentials.ts";
export { runDaemonSet } from "./daemon_set.ts";
export { applyExamples, examplesDirectory } from "./examples.ts";
export { daemonSets } from "./kinds.ts";
export { type Component, controllerDeployment, speakerDaemonSet } from "./metallb_objects.ts";
export { type Launcher, type OwnPod, OwnPods, type RunningPod } from "./own_pods.ts";
export { startPaperKubelet } from "./paper_kubelet.ts";
export { PodLogs, SandboxRuntime, type SandboxRuntimeOptions } from "./runtime/mod.ts";
