/**
 * A whole cluster on virtual time: the sandbox's API, the real controller and a real speaker in one process, with
 * nothing replaced but sockets, the clock and the network of the data plane. An hour of it takes seconds.
 *
 * ```ts
 * const cluster = new VirtualCluster();
 * await cluster.prepare();
 * await cluster.pool("pool", "192.168.1.240/28");
 * await cluster.startController();
 * await cluster.pass(3_600);
 * ```
 */
export { Accounts, type Right } from "./accounts.ts";
export { ownNamespace, sliceOf, VirtualCluster } from "./cluster.ts";
