import type { Allocation, FamilyDemand, Grace, HeldPart, Refusal } from "#core/ipam/mod.ts";
import { formatAddress, type IpAddress, sameAddress } from "#core/net/mod.ts";
import { type Reason, type ReasonCode, reason, reasonText } from "#core/reason/mod.ts";
import type { Draft } from "./draft.ts";
import type { ServiceRequest } from "./request.ts";
import { type Settled, sameSet } from "./settle.ts";

/** The second half of converging: gives a settled Service what it asks for and does not hold yet. */
export function assign({ draft, request, kept, lostFamily }: Settled): void {
  if (!request) return;
  const { allocator, claimant } = draft;
  if (request.wrong) {
    rejectRequest(draft, request.wrong, kept);
  } else if (request.addresses.length > 0) {
    if (sameSet(request.addresses, kept)) keep(draft);
    else take(draft, allocator.allocateExactly(claimant, request.addresses, request.pool));
  } else if (kept.length === 0) {
    take(draft, allocator.allocate(claimant, request.families, request.pool));
    const [only, second] = allocator.holdingOf(draft.key);
    if (only && !second && request.families.secondary) complete(draft, request, only.address, false);
  } else if (kept.length === 1 && request.families.secondary) {
    complete(draft, request, kept[0] as IpAddress, lostFamily);
  } else {
    keep(draft);
  }
}

/** A request that makes no sense takes nothing away from whoever has an address. */
function rejectRequest(draft: Draft, why: Reason, kept: readonly IpAddress[]): void {
  if (kept.length > 0) {
    draft.warn("LoadBalancerFailed", "Invalid requested loadBalancer IPs", why);
    draft.note("blocked", why);
    keep(draft);
  } else {
    failed(draft, why);
  }
}

/** Dual stack with one address: the other from the same pool; where that cannot be, as the policy says. */
function complete(draft: Draft, request: ServiceRequest, held: IpAddress, lostFamily: boolean): void {
  const { allocator, claimant } = draft;
  const { families } = request;
  const extended = allocator.extend(claimant, held.family === "ipv4" ? "ipv6" : "ipv4");
  if (!("why" in extended)) {
    taken(draft, extended, extended.addresses.slice(1));
  } else if (families.bothRequired || lostFamily) {
    // The pool has one family less: another that has both is better than half an address pair, as in MetalLB.
    const both: FamilyDemand = { ...families, bothRequired: true };
    const moved = allocator.allocate(claimant, both, request.pool);
    if ("why" in moved && !families.bothRequired) lackSecond(draft, held, extended);
    else {
      if ("why" in moved) draft.release();
      take(draft, moved);
    }
  } else {
    lackSecond(draft, held, extended);
  }
}

function lackSecond(draft: Draft, held: IpAddress, { why, trace, waitsFor }: Refusal): void {
  if (!draft.trace.some(({ stage, verdict }) => stage === "address" && verdict === "chosen")) keep(draft);
  draft.steps(trace);
  const missing = reason("service.second-address-missing", {
    address: formatAddress(held),
    details: reasonText(why),
  });
  draft.warn("AdditionalAssignFailed", `Cannot assign an additional IP to "${draft.key}"`, missing, "Normal");
  draft.note("blocked", missing);
  draft.waitsFor = waitsFor;
}

function take(draft: Draft, result: Allocation | Refusal): void {
  if ("why" in result) {
    draft.steps(result.trace);
    failed(draft, result.why, result.waitsFor);
  } else {
    taken(draft, result, result.addresses);
  }
}

function taken(draft: Draft, allocation: Allocation, added: readonly IpAddress[]): void {
  draft.openings.push(...allocation.openings);
  draft.steps(allocation.trace);
  const texts: string[] = [];
  for (const { text, address, pool } of draft.allocator.holdingOf(draft.key)) {
    const isNew = added.some((each) => sameAddress(each, address));
    if (isNew) texts.push(text);
    const why = reason(isNew ? "service.assigned" : "service.kept", { address: text, pool });
    draft.note("chosen", why, "address", text);
  }
  const quoted = texts.map((text) => `"${text}"`).join(" ");
  // As Go prints a list and a single address with %q, which is what MetalLB's events show.
  const isAdditional = added.length < allocation.addresses.length;
  const message = isAdditional ? `Assigned additional IP ${quoted}` : `Assigned IP [${quoted}]`;
  draft.events.push({ type: "Normal", reason: "IPAllocated", message });
}

/** All that it holds now. */
function keep(draft: Draft): void {
  for (const part of draft.allocator.holdingOf(draft.key)) {
    const { text, pool } = part;
    draft.note("chosen", reason("service.kept", { address: text, pool }), "address", text);
    const grace = draft.allocator.grace(part, draft.key);
    if (grace) keptBy(draft, part, grace);
  }
}

/** It would not be given this address now: said in its trace, and by an event where that is for the Service to act on. */
function keptBy(draft: Draft, { text, pool, address }: HeldPart, grace: Grace): void {
  const service = draft.allocator.reservedFor(address).join(", ");
  const why = reason(graceCodes[grace], { address: text, pool, ...(service !== "" && { service }) });
  // A pool that is out of force for a while concerns all its Services at once: the console and the log tell of it.
  if (draft.context.previous && grace !== "pool-held") {
    draft.warn("AddressKept", `Address ${text} of "${draft.key}" is kept`, why);
  }
  draft.note("noted", why, "address", text);
}

const graceCodes = {
  excluded: "address.kept-excluded",
  reserved: "address.kept-reserved",
  removed: "address.kept-removed",
  "pool-held": "address.kept-pool-held",
} as const satisfies Record<Grace, ReasonCode>;

function failed(draft: Draft, why: Reason, waitsFor?: Refusal["waitsFor"]): void {
  draft.warn("AllocationFailed", `Failed to allocate IP for "${draft.key}"`, why);
  draft.fail(why, waitsFor);
}
