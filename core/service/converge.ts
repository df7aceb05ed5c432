import type { Allocator, Claimant, Opening, WaitsFor } from "#core/ipam/mod.ts";
import { type IpAddress, parseAddress, sameAddress } from "#core/net/mod.ts";
import { reason } from "#core/reason/mod.ts";
import { assign } from "./assign.ts";
import { type ConvergeContext, Draft } from "./draft.ts";
import { deprecatedPrefix, sharingOf } from "./request.ts";
import { onRemovalAnnotation, poolAnnotation, serviceKey } from "./service_key.ts";
import { isServed, type Settled, settle } from "./settle.ts";
import type { Decision, ServiceView } from "./types.ts";

/** A decision, and what it means for the others. */
export interface Converged {
  readonly decision: Decision;
  /** Addresses at which something became possible for Services that wait. */
  readonly openings: readonly Opening[];
  /** What the Service waits for, if it has not got all that it wants. */
  readonly waitsFor?: WaitsFor;
  /** Names the rest of what its fate depends on: who waits for the same on the same terms fares the same. */
  readonly terms: string;
}

/**
 * Decides one Service: it keeps the addresses that it may keep, gives up the others, and is given what it lacks. Run
 * again on the same state it changes nothing. Other phases than "allocating" only register the addresses of the status.
 */
export function converge(view: ServiceView, allocator: Allocator, context: ConvergeContext): Converged {
  if (context.phase !== "allocating") return adopt(view, allocator, context);
  const settled = begin(view, allocator, context);
  const converged = finish(settled);
  return {
    ...converged,
    openings: converged.openings.filter(({ address }) => isNews(settled.draft, address)),
  };
}

/**
 * Both halves, for whoever settles many before the first is given something. What was taken from a status and let go
 * again counts as an opening here: meanwhile another may have been refused for it.
 */
export function begin(view: ServiceView, allocator: Allocator, context: ConvergeContext): Settled {
  return settle(new Draft(view, allocator, context, claimantOf(view, context)));
}

export function finish(settled: Settled): Converged {
  assign(settled);
  const { draft } = settled;
  const holding = draft.allocator.holdingOf(draft.key);
  const addresses = holding.map(({ text }) => text);
  const pool = holding[0]?.pool;
  const outlivesPool = pool !== undefined && draft.allocator.outlives(pool);
  const needsWrite = differs(draft, addresses, pool, outlivesPool);
  if (needsWrite && draft.events.length > 0) warnOfDeprecated(draft);
  const { key: service, events, trace, pending } = draft;
  return {
    decision: {
      service,
      addresses,
      events,
      trace,
      needsWrite,
      ...(pool !== undefined && { pool }),
      ...(pending && { pending }),
      ...(outlivesPool && { outlivesPool }),
    },
    openings: draft.openings,
    ...(draft.waitsFor && { waitsFor: draft.waitsFor }),
    terms: draft.waitsFor ? termsOf(settled) : "",
  };
}

/** An address that was taken from the status and let go again in one step was as free before as it is now. */
function isNews({ heldBefore, allocator, key }: Draft, address: IpAddress): boolean {
  return [...heldBefore, ...allocator.holdingOf(key)].some((held) => sameAddress(held.address, address));
}

function termsOf({ draft, request }: Settled): string {
  const { sharing } = draft.claimant;
  const held = draft.allocator.holdingOf(draft.key)[0]?.address.family;
  const own = draft.allocator.distinction(draft.claimant);
  return JSON.stringify([request?.families, held, sharing.key === "" ? "" : sharing, own]);
}

function adopt(view: ServiceView, allocator: Allocator, context: ConvergeContext): Converged {
  const draft = new Draft(view, allocator, context, claimantOf(view, context));
  const pool = view.annotations[poolAnnotation];
  const isOurs = view.type === "LoadBalancer" && isServed(draft);
  if (context.phase === "following" && (!isOurs || view.ingress.length === 0)) {
    allocator.adopt(draft.claimant, []);
    if (isOurs) return foresee(view, allocator, context);
  }
  if (isOurs) {
    const status = view.ingress.map(parseAddress).filter((address) => address !== undefined);
    allocator.adopt(draft.claimant, status, pool);
    draft.note("noted", reason(`service.${context.phase === "following" ? "following" : "adopting"}`));
  }
  return {
    decision: {
      service: draft.key,
      addresses: view.ingress,
      ...(pool !== undefined && { pool }),
      events: [],
      trace: draft.trace,
      needsWrite: false,
    },
    openings: [],
    terms: "",
  };
}

/** Why whoever decides would give the Service nothing, by what is known here; nothing is taken for it. */
function foresee(view: ServiceView, allocator: Allocator, context: ConvergeContext): Converged {
  const { previous: _, ...fresh } = context;
  const { decision } = finish(begin(view, allocator, { ...fresh, phase: "allocating", previous: undefined }));
  allocator.release(decision.service, false);
  const following = reason("service.following");
  const step = { stage: "service", subject: decision.service, verdict: "noted", why: following } as const;
  return {
    decision: {
      service: decision.service,
      addresses: [],
      events: [],
      trace: [step, ...(decision.pending ? decision.trace : [])],
      needsWrite: false,
      pending: decision.pending ?? following,
    },
    openings: [],
    terms: "",
  };
}

function claimantOf(view: ServiceView, context: ConvergeContext): Claimant {
  return {
    service: context.key ?? serviceKey(view),
    namespace: view.namespace,
    namespaceLabels: context.namespaceLabels(view.namespace),
    labels: view.labels,
    sharing: sharingOf(view),
  };
}

/** Whether the object has to be written. What is not ours is left alone: only our annotation says that it was. */
export function differs(
  { view, allocator, context }: Pick<Draft, "view" | "allocator" | "context">,
  addresses: readonly string[],
  pool: string | undefined,
  outlivesPool: boolean,
): boolean {
  const annotated = view.annotations[poolAnnotation];
  const isSame =
    annotated === pool &&
    view.annotations[onRemovalAnnotation] === (outlivesPool ? "keep" : undefined) &&
    view.ingress.length === addresses.length &&
    view.ingress.every((text, at) => text === addresses[at]);
  if (isSame) return false;
  if (view.type !== "LoadBalancer") {
    const gaveUp = (context.previous?.addresses.length ?? 0) > 0 && view.ingress.length > 0;
    return annotated !== undefined || gaveUp;
  }
  if ((view.loadBalancerClass ?? "") !== (context.loadBalancerClass ?? "")) return false;
  return allocator.hasPools || annotated !== undefined || addresses.length > 0;
}

function warnOfDeprecated({ view, events }: Draft): void {
  for (const name of Object.keys(view.annotations).sort()) {
    if (!name.startsWith(deprecatedPrefix)) continue;
    const present = name.replace(deprecatedPrefix, "metallb.io/");
    const message = `Annotation "${name}" is deprecated; write it as "${present}"`;
    events.push({ type: "Warning", reason: "deprecatedAnnotation", message });
  }
}
