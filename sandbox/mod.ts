/**
 * A Kubernetes cluster on one machine, to try MetalLB and to test it: an API server in this process, nodes made of
 * network namespaces on a LAN of their own, the real controller and real speakers, a router and a client.
 *
 * ```ts
 * const sandbox = await startSandbox({ ...defaultOptions, version: "0.1.0" });
 * console.log(sandbox.addresses.kubeconfig, sandbox.loginUrl());
 * await sandbox.exec("client", ["curl", "-s", "http://192.168.1.240/"]);
 * await sandbox.kill("speaker", "node1");
 * await sandbox.stop();
 * ```
 *
 * The host's own network stays untouched. Without root, or not on Linux, everything runs without the LAN and the
 * speakers record what they would announce.
 */
export { type AgentOptions, runAgent } from "./agent/mod.ts";
export { type Component, examplesDirectory, type OwnPod, type RunningPod } from "./cluster/mod.ts";
export {
  askControl,
  type ControlRequest,
  controlSocket,
  type Part,
  type SandboxStatus,
} from "./control/mod.ts";
export { SandboxError } from "./error.ts";
export * from "./lab/mod.ts";
export { defaultOptions, metallbNamespace, type SandboxOptions } from "./options.ts";
export type { MetricsTarget } from "./ports/mod.ts";
export type { Addresses, Sandbox } from "./sandbox.ts";
export { abandonStart, type SandboxNews, startSandbox } from "./start.ts";
