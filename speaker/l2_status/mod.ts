/**
 * ServiceL2Status, MetalLB's own record of who announces a Service at layer 2: written by its owner only, read by
 * every speaker to know the incumbent.
 *
 * ```ts
 * const statuses = new L2StatusWriter({ client, namespace, node, informer, pod, announcerChanged, log, signal });
 * statuses.incumbents.onChange((service, node) => decisions.setIncumbent(service, node));
 * statuses.decided(changes);        // after each decision
 * statuses.announced("192.0.2.1");  // when the data plane says that the first gratuitous frame is out
 * ```
 *
 * Limits: four requests at a time, 50 Services a second; a refusal (403, 404) pauses all writes for a minute.
 */
export type { Incumbents } from "./objects.ts";
export { L2StatusWriter } from "./writer.ts";
