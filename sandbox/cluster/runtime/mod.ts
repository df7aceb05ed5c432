/**
 * The sandbox's kubelets as far as streams go: logs of MetalLB's own pods, programs run in their network namespaces, and
 * connections to their ports ({@link SandboxRuntime}).
 */
export { PodLogs } from "./pod_logs.ts";
export { SandboxRuntime, type SandboxRuntimeOptions } from "./pod_runtime.ts";
