/**
 * The sandbox's processes: where each runs ({@link Ground}), with which files ({@link Paths}), and how it is started
 * ({@link Processes}): MetalLB's controller and speakers, the nodes' agents, the router.
 */
export { birdSessions, Ground, type Place } from "./ground.ts";
export { ownNames, Paths } from "./paths.ts";
export { Processes, routerName, speakerName } from "./processes.ts";
export { ownCommand } from "./program.ts";
