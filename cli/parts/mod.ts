/** Command lines of the parts that run in a cluster: flags and METALLB_* variables, MetalLB's where it has them. */
export { controllerCommand } from "./controller.ts";
export { speakerCommand } from "./speaker.ts";
