import { poolAnnotation, type ServiceView, serviceKey } from "#core/service/mod.ts";
import type { ShadowChoice } from "#server/ports.ts";
import { type TakeoverFacts, takeover } from "./takeover.ts";
import { tellingReason } from "./telling_reason.ts";

/**
 * What Services that were just given addresses would have been given here: decided anew as if these, and only these,
 * still waited. Whoever has the same addresses is left out.
 */
export function otherChoices(
  facts: TakeoverFacts & { readonly services: readonly ServiceView[] },
  given: ReadonlySet<string>,
): Omit<ShadowChoice, "since">[] {
  if (given.size === 0) return [];
  const isGiven = (view: ServiceView) => given.has(serviceKey(view));
  const services = facts.services.map((view) => (isGiven(view) ? waiting(view) : view));
  const { book } = takeover({ ...facts, services });
  return facts.services.filter(isGiven).flatMap((view) => {
    const { addresses = [], pool, trace = [] } = book.decision(serviceKey(view)) ?? {};
    if (addresses.length === 0 || view.ingress.every((address) => addresses.includes(address))) return [];
    const recorded = view.annotations[poolAnnotation];
    return [
      {
        service: serviceKey(view),
        has: { addresses: view.ingress, ...(recorded !== undefined && { pool: recorded }) },
        wants: { addresses, ...(pool !== undefined && { pool }) },
        ...tellingReason(trace),
        trace,
      },
    ];
  });
}

function waiting(view: ServiceView): ServiceView {
  const { [poolAnnotation]: _, ...annotations } = view.annotations;
  return { ...view, ingress: [], annotations };
}

/** Tells who holds an address now and did not when it was asked last; the first time nobody. */
export class Given {
  #held: ReadonlySet<string> | undefined;

  since(services: readonly ServiceView[], loadBalancerClass: string): Set<string> {
    const known = this.#held;
    const isServed = ({ type, loadBalancerClass: asked = "" }: ServiceView) =>
      type === "LoadBalancer" && asked === loadBalancerClass;
    const holding = services.filter((view) => isServed(view) && view.ingress.length > 0);
    const identity = (view: ServiceView) => `${serviceKey(view)} ${view.uid}`;
    this.#held = new Set(holding.map(identity));
    if (!known) return new Set();
    return new Set(holding.filter((view) => !known.has(identity(view))).map(serviceKey));
  }
}
