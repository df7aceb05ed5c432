/**
 * A controller that only looks on: what it would do otherwise than the one that acts, and why.
 *
 * ```ts
 * const { changes } = takeover({ services, namespaces, config, heldPools, loadBalancerClass: "" });
 * for (const { service, kind, trace } of changes) console.log(service, kind, trace);
 * ```
 */
export { compareElections, type ElectionFacts } from "./elections.ts";
export { Shadow } from "./shadow.ts";
export { type Takeover, type TakeoverFacts, takeover } from "./takeover.ts";
