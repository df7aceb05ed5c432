/**
 * The controller: gives addresses to Services, judges the configuration, and shows everything on its console.
 * Kubernetes is its only store: what it cannot read back it does not keep.
 */
export { type RunningController, runController } from "./controller.ts";
export type { ControllerOptions } from "./options.ts";
export { type ClusterReading, type ReadingOptions, readCluster } from "./reading/mod.ts";
export { type Takeover, type TakeoverFacts, takeover } from "./shadow/mod.ts";
