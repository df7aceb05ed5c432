/**
 * The sandbox's LAN: network namespaces on a bridge, the processes in them, and the record that lets the next
 * start remove whatever a crash left behind. Linux and root only; ask {@link labSupport} first.
 *
 * ```ts
 * const plan = planLab({ stateDirectory, nodes: 3, nodePrefix: "node", lan: "192.168.1.0/24", podCidr: "10.244.0.0/16", hasRouter: true });
 * createNetwork(plan);
 * cutStation(plan, stationNamed(plan, "node2"), "bridge");
 * removeNetwork(plan.id);
 * ```
 */
export * from "./bounded_log.ts";
export * from "./child.ts";
export * from "./claim.ts";
export * from "./cleanup.ts";
export * from "./command.ts";
export * from "./ledger.ts";
export * from "./network.ts";
export * from "./plan.ts";
export * from "./process_table.ts";
export * from "./router.ts";
export * from "./socket_directory.ts";
export * from "./support.ts";
