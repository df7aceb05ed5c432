/**
 * Who of several replicas writes: an election by a Lease (coordination.k8s.io/v1), as client-go's leaderelection holds
 * it. docs/decisions/011-two-controllers.md says why its times are what they are, and why two never lead at once.
 *
 * ```ts
 * const elector = new LeaseElector({ client, namespace, name: "metallb-controller", identity, timing: timingOf(30_000), log, clock });
 * elector.onChange(() => console.log(elector.role, elector.holder));
 * elector.start();
 * if (elector.leads) await write({ signal: elector.term });   // asked anew before each write
 * await elector.release();
 * ```
 */
export { podOf } from "./election.ts";
export { type ElectorOptions, LeaseElector, type Role } from "./lease_elector.ts";
export { defaultLeaseMs, type LeaseTiming, leaseMsMin, timingOf } from "./timing.ts";
