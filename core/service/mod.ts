/**
 * One Service: what its status, annotation and events must be, and why.
 *
 * A driver feeds {@link ServiceBook} with what happened and carries out the decisions that come back:
 *
 * ```ts
 * const book = new ServiceBook({ loadBalancerClass });          // or {} for Services without a class
 * book.setPools(config.pools);                                   // whenever the configuration changes
 * book.setNamespace("shop", { tier: "gold" });                   // labels of namespaces; undefined removes one
 * for (const view of services.values()) book.upsert(view);       // phase "adopting": registers, decides nothing
 * for (const decision of book.startAllocating()) carryOut(decision); // once ALL caches are complete
 *
 * for (const decision of book.upsert(view)) carryOut(decision);  // a Service was added or changed
 * for (const decision of book.remove("shop/web")) carryOut(decision); // a Service is gone
 *
 * function carryOut(decision: Decision) {
 *   for (const event of decision.events) record(decision.service, event);   // each is to be recorded once
 *   if (decision.needsWrite) writeStatus(decision.service, decision.addresses, decision.pool);
 * }
 * ```
 *
 * - Every call returns the decisions that changed by it, the oldest Service first: the Service's own, and those of
 *   others, such as a pending Service that takes an address which this call freed. Nothing changed: an empty list.
 * - `needsWrite`: the object seen last differs from the decision, so status.loadBalancer.ingress is to become exactly
 *   `addresses` and the annotation `metallb.io/ip-allocated-from-pool` to become `pool` (removed where undefined),
 *   in one PUT to services/status. After a conflict read `decision(key)` again and retry: it is always current.
 *   The caller still compares with ipMode normalised, for the view knows only `ingress[].ip`.
 * - A Service of another class, and any Service while adopting, never has `needsWrite`.
 * - Where another process decides, `follow()` in the place of `startAllocating()`: then every decision is what the
 *   status says, and a Service without an address has a foreseen reason. Each may follow the other.
 * - `decision(key)` has no events: those are handed out once, by the call that caused them.
 * - Time is an argument: call `tick(now)` before anything else that happens at a later time, and again at
 *   `nextDeadline()`; it returns decisions like any other call. Without it cool-downs last for ever.
 * - `recordedIn(pool)`: what the annotation `metallb.io/reserved-by-services` of the IPAddressPool is to be.
 * - Where all pools vanish at once the book holds (`isHolding`): whoever has an address keeps it, nobody gets a new one.
 * - `heldPools`: names of IPAddressPools that exist but were rejected (or whose removal is to touch nobody): a Service
 *   that holds an address from one keeps it, and nobody is given a new one from it.
 */
export { type Converged, converge } from "./converge.ts";
export type { ConvergeContext, Phase } from "./draft.ts";
export { ServiceBook } from "./service_book.ts";
export { onRemovalAnnotation, poolAnnotation, serviceKey, takenOverAnnotation } from "./service_key.ts";
export type * from "./types.ts";
