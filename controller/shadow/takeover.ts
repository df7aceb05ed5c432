import type { Config } from "#core/config/mod.ts";
import {
  type Decision,
  poolAnnotation,
  ServiceBook,
  type ServiceView,
  serviceKey,
} from "#core/service/mod.ts";
import type { NamespaceView } from "#k8s/mod.ts";
import type { ShadowChange, ShadowChangeKind } from "#server/ports.ts";
import { tellingReason } from "./telling_reason.ts";

/** The cluster as a controller finds it that starts now. */
export interface TakeoverFacts {
  readonly services: Iterable<ServiceView>;
  readonly namespaces: Iterable<NamespaceView>;
  readonly config: Config;
  /** Pools that exist and were rejected: who has an address from one keeps it. */
  readonly heldPools: ReadonlySet<string>;
  /** `--lb-class`; empty: Services that name none. */
  readonly loadBalancerClass: string;
}

export interface Takeover {
  /** Services of type LoadBalancer that it would serve. */
  readonly services: number;
  /** What it would write otherwise than it is, by Service. */
  readonly changes: readonly Omit<ShadowChange, "since">[];
  readonly book: ServiceBook;
}

/**
 * What a controller would do that takes over this very moment: a book of its own adopts what every Service holds, then
 * decides for each. Whatever differs from what the cluster shows is a change. Nothing is remembered between two calls,
 * so whoever acts meanwhile is followed and not argued with.
 */
export function takeover(facts: TakeoverFacts): Takeover {
  const { loadBalancerClass, config, heldPools } = facts;
  const book = new ServiceBook({ ...(loadBalancerClass !== "" && { loadBalancerClass }) });
  book.setPools(config.pools, heldPools);
  for (const { name, labels } of facts.namespaces) book.setNamespace(name, labels);
  let services = 0;
  const views = [...facts.services];
  for (const view of views) {
    book.upsert(view);
    if (view.type === "LoadBalancer" && (view.loadBalancerClass ?? "") === loadBalancerClass) services++;
  }
  book.startAllocating();
  const changes = views
    .flatMap((view) => changeOf(view, book.decision(serviceKey(view))) ?? [])
    .sort((a, b) => (a.service < b.service ? -1 : 1));
  return { services, changes, book };
}

function changeOf(
  view: ServiceView,
  decision: Decision | undefined,
): Omit<ShadowChange, "since"> | undefined {
  if (!decision?.needsWrite) return undefined;
  const { service, addresses, pool, trace } = decision;
  const recorded = view.annotations[poolAnnotation];
  return {
    service,
    kind: kindOf(view.ingress, addresses),
    has: { addresses: view.ingress, ...(recorded !== undefined && { pool: recorded }) },
    wants: { addresses, ...(pool !== undefined && { pool }) },
    ...tellingReason(trace),
    trace,
  };
}

function kindOf(has: readonly string[], wants: readonly string[]): ShadowChangeKind {
  if (has.length === wants.length && has.every((address) => wants.includes(address))) return "records";
  if (has.length === 0) return "gains";
  return wants.length === 0 ? "loses" : "moves";
}
