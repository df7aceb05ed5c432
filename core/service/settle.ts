import { familyNames } from "#core/ipam/mod.ts";
import { formatAddress, type IpAddress, parseAddress, sameAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import type { Draft } from "./draft.ts";
import { familiesOf, requestOf, type ServiceRequest, wantedFamilies } from "./request.ts";
import { poolAnnotation } from "./service_key.ts";

/** What a Service still holds after everything that speaks against it was heard, and what it asks for. */
export interface Settled {
  readonly draft: Draft;
  /** Undefined: it is to have no address, and the draft says why. */
  readonly request?: ServiceRequest;
  readonly kept: readonly IpAddress[];
  /** It had both families and lost one to a change of the configuration. */
  readonly lostFamily: boolean;
}

/**
 * The first half of converging: keeps what the Service may keep and gives up the rest. It takes nothing new, so that
 * all who hold an address can be settled before anybody is given one.
 */
export function settle(draft: Draft): Settled {
  const without = { draft, kept: nothing, lostFamily: false };
  if (!mayHaveAddress(draft)) {
    draft.release();
    return without;
  }
  const families = familiesOf(draft.view);
  if ("code" in families) {
    const name =
      families.code === "service.not-enough-cluster-ips" ? "not enough clusterips" : "noclusterIPsIPFamily";
    draft.warn(name, `Cannot tell which addresses ${draft.key} needs`, families);
    draft.fail(families);
    draft.release();
    return without;
  }
  const request = requestOf(draft.view, families);
  const had = current(draft);
  if (had.length === 0) return { draft, request, kept: nothing, lostFamily: false };
  const allowed = keepAllowed(draft, request, had);
  const kept = keepIfAskedFor(draft, request, keepFromPool(draft, request, allowed));
  return { draft, request, kept, lostFamily: had.length === 2 && kept.length === 1 };
}

/** Whether the Service is to have an address at all; where not, the draft says why. */
function mayHaveAddress(draft: Draft): boolean {
  const { view, allocator, context } = draft;
  if (view.type !== "LoadBalancer") {
    draft.note("skipped", reason("service.not-load-balancer", { type: view.type }));
  } else if (!isServed(draft)) {
    const [asked, served] = [view.loadBalancerClass ?? "none", context.loadBalancerClass ?? "none"];
    draft.note("skipped", reason("service.other-class", { class: asked, served }));
  } else if (allocator.isIdle) {
    const why = reason("pool.none");
    draft.warn("AllocationFailed", `Failed to allocate IP for "${draft.key}"`, why);
    draft.fail(why);
  } else if (view.clusterIPs.length === 0) {
    draft.fail(reason("service.no-cluster-ip"));
  } else {
    return true;
  }
  return false;
}

export function isServed({ view, context }: Draft): boolean {
  return (view.loadBalancerClass ?? "") === (context.loadBalancerClass ?? "");
}

/** What was decided before; only a Service that has nothing by that is read from its status, which may be stale. */
function current(draft: Draft): readonly IpAddress[] {
  const { previous } = draft.context;
  if (previous && previous.addresses.length > 0) return parseAll(previous.addresses);
  return draft.heldBefore.length > 0
    ? draft.heldBefore.map(({ address }) => address)
    : statusAddresses(draft);
}

function parseAll(texts: readonly string[]): IpAddress[] {
  return texts.map(parseAddress).filter((address) => address !== undefined);
}

/** The first address of each family in the status. */
function statusAddresses(draft: Draft): readonly IpAddress[] {
  const { ingress } = draft.view;
  if (ingress.length === 0) return nothing;
  const parsed = parseAll(ingress);
  const firsts = parsed.filter(
    (address, at) => parsed.findIndex(({ family }) => family === address.family) === at,
  );
  if (firsts.length < ingress.length && !draft.context.previous) {
    const why = reason("service.status-malformed", { text: JSON.stringify(ingress) });
    draft.warn("nolbIPsIPFamily", `Failed to read the addresses of ${draft.key}`, why);
    draft.note("noted", why);
  }
  return firsts;
}

/** Families first, then what pools and other Services say. */
function keepAllowed(draft: Draft, { families }: ServiceRequest, had: readonly IpAddress[]): IpAddress[] {
  const isWanted = ({ family }: IpAddress) => family === families.primary || family === families.secondary;
  for (const address of had) {
    if (isWanted(address)) continue;
    const [text, actual] = [formatAddress(address), familyNames[address.family]];
    giveUp(
      draft,
      text,
      reason("address.family", { wanted: wantedFamilies(families), address: text, actual }),
    );
  }
  const pool = draft.view.annotations[poolAnnotation] ?? "";
  const { kept, refused, openings } = draft.allocator.adopt(draft.claimant, had.filter(isWanted), pool);
  draft.openings.push(...openings);
  for (const { address, why } of refused) giveUp(draft, formatAddress(address), why);
  return [...kept];
}

/** The user may have named another pool since. */
function keepFromPool(
  draft: Draft,
  { pool }: ServiceRequest,
  kept: readonly IpAddress[],
): readonly IpAddress[] {
  const holding = [...draft.allocator.holdingOf(draft.key)];
  if (pool === undefined || holding.every((held) => held.pool === pool)) return kept;
  for (const { text, pool: actual } of holding) {
    if (actual === pool) continue;
    giveUp(draft, text, reason("service.other-pool-asked", { wanted: pool, address: text, actual }));
  }
  const inPool = holding.filter((held) => held.pool === pool).map(({ address }) => address);
  const adoption = draft.allocator.adopt(draft.claimant, inPool);
  draft.openings.push(...adoption.openings);
  return adoption.kept;
}

/** The user may have named other addresses since. A request that makes no sense takes nothing away. */
function keepIfAskedFor(
  draft: Draft,
  request: ServiceRequest,
  kept: readonly IpAddress[],
): readonly IpAddress[] {
  const { addresses, wrong } = request;
  if (wrong || addresses.length === 0 || kept.length === 0 || sameSet(addresses, kept)) return kept;
  const wanted = addresses.map(formatAddress).join(", ");
  const held = kept.map(formatAddress).join(", ");
  giveUp(draft, held, reason("service.other-addresses-asked", { wanted, held }));
  draft.release();
  return [];
}

/** A Service that is known to have none only shows a status that was not written yet: that is no news. */
function giveUp(draft: Draft, address: string, why: Reason): void {
  const { previous } = draft.context;
  if (previous && previous.addresses.length === 0) return;
  draft.note("blocked", why, "address", address);
  draft.warn("ClearAssignment", `Address ${address} of "${draft.key}" is given up`, why, "Normal");
}

export function sameSet(a: readonly IpAddress[], b: readonly IpAddress[]): boolean {
  return a.length === b.length && a.every((address) => b.some((other) => sameAddress(address, other)));
}

const nothing: readonly IpAddress[] = [];
