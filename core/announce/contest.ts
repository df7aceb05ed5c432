import type { L2Advertisement } from "#core/config/mod.ts";
import { type IpAddress, parseAddress } from "#core/net/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { compareBytes, electionHash } from "./election_hash.ts";
import { hasEndpoint, matchingAdvertisements } from "./eligible.ts";
import { servingNodes } from "./endpoint_ages.ts";
import { type Candidate, fieldKey, interfacesOn, type Matched, nodeBarrierOf, type View } from "./field.ts";
import { handicaps, seasonedAtMs, unroutedAddress } from "./standing.ts";
import type { AnnouncedService, GroupFacts, NodeFacts } from "./types.ts";

/** A candidate's claim to an address group; lower comes first in every part, but for the score. */
export interface Standing {
  readonly candidate: Candidate;
  readonly handicap: number;
  /** 1: it has had an endpoint for less long than the advertisement asks, and another announces. */
  readonly young: number;
  /** 1: the failback policy makes it wait behind the incumbent and those that have been stable for long. */
  readonly wait: number;
  /** 0 where bounded spread puts the group, 1 next to it, else 2; 0 throughout where it is not spread. */
  readonly spread: number;
  readonly score: number;
  /** Computed when two standings are equal up to here. */
  hash?: Uint8Array;
}

/** Where advertisements of one group ask differently, the most conservative counts. */
export interface GroupPolicy {
  /** The longest: 0 at once, Infinity never. */
  readonly failbackAfterMs: number;
  /** Only where all ask for it: the advertisement, first by name, over whose groups it spreads. */
  readonly spreadBy?: string;
  /** Where any asks for it. */
  readonly requiresConnectedRoute: boolean;
  /** The longest; 0 where none is asked for. */
  readonly endpointDelayMs: number;
}

/**
 * The contest of nodes for one address group: Services tied together by a shared address, and addresses tied together
 * by a Service. All facts of all its Services are combined, so that an address never has two winners.
 */
export class Contest {
  readonly firstAddress: string;
  readonly matched: readonly Matched[];
  /** Of all its Services, each once. */
  readonly ads: readonly L2Advertisement[];
  readonly policy: GroupPolicy;
  readonly fieldKey: string;
  facts: GroupFacts;
  /** Nodes with an endpoint that serves, for each Service with externalTrafficPolicy Local. */
  readonly #locals: readonly ReadonlySet<string>[];
  readonly #localsSince: readonly ReadonlyMap<string, number>[];
  readonly #addresses: readonly IpAddress[];

  constructor(matched: readonly Matched[], firstAddress: string, facts: GroupFacts) {
    this.matched = matched;
    this.firstAddress = firstAddress;
    this.facts = facts;
    const [only] = matched;
    this.ads = matched.length === 1 && only ? only.ads : [...new Set(matched.flatMap(({ ads }) => ads))];
    this.policy = policyOf(this.ads);
    this.fieldKey = fieldKey(matched);
    const locals = matched.flatMap(({ service }) =>
      service.view.externalTrafficPolicy === "Local" ? [service] : [],
    );
    this.#locals = locals.map(({ endpoints }) => servingNodes(endpoints));
    this.#localsSince =
      this.policy.endpointDelayMs > 0 ? locals.flatMap((each) => each.endpointsSince ?? []) : [];
    this.#addresses = this.policy.requiresConnectedRoute
      ? matched.flatMap(({ service }) => service.view.ingress.flatMap((text) => parseAddress(text) ?? []))
      : [];
  }

  /** Why the node is no candidate, in MetalLB's order. */
  barrier(node: NodeFacts, view: View): Reason | undefined {
    const barrier = nodeBarrierOf(node, this.matched, view);
    if (barrier) return barrier;
    if (!this.isLocal(node.name)) return reason("announce.no-local-endpoints", { node: node.name });
    return node.hasSpeaker ? undefined : reason("announce.speaker-absent", { node: node.name });
  }

  /** Groups of one text have the same candidates with the same standings; undefined where this one is on its own. */
  get likeness(): string | undefined {
    const { failbackAfterMs, requiresConnectedRoute } = this.policy;
    if (requiresConnectedRoute || this.#locals.length > 0) return undefined;
    const incumbent = failbackAfterMs > 0 ? (this.facts.incumbent ?? "") : "";
    return `${failbackAfterMs} ${incumbent} ${this.fieldKey}`;
  }

  isLocal(node: string): boolean {
    return this.#locals.every((nodes) => nodes.has(node));
  }

  standing(candidate: Candidate, view: View): Standing {
    const { node, score } = candidate;
    if (!view.areExtrasInForce) return { candidate, handicap: 0, young: 0, wait: 0, spread: 0, score };
    const { failbackAfterMs } = this.policy;
    const isIncumbent = failbackAfterMs > 0 && node.name === this.facts.incumbent;
    let { handicap } = candidate;
    if (this.unrouted(node)) handicap |= handicaps.unable;
    // Moving it away because it was lost, now that it has the address all the same, would be one move more.
    if (isIncumbent) handicap &= ~handicaps.damped;
    const isSeasoned =
      Number.isFinite(failbackAfterMs) &&
      node.facts !== undefined &&
      seasonedAtMs(node.facts, failbackAfterMs) <= view.nowMs;
    const wait = failbackAfterMs === 0 || isIncumbent || isSeasoned ? 0 : 1;
    // Who announces already serves from its endpoint, however young: a still younger one has no claim on it.
    const isYoung = node.name !== this.facts.incumbent && this.comesOfAgeMs(node.name) > view.nowMs;
    const young = isYoung ? 1 : 0;
    return { candidate, handicap, young, wait, spread: this.#spreadOf(node.name), score };
  }

  /** When the node has had its endpoints for as long as is asked, epoch ms. */
  comesOfAgeMs(node: string): number {
    const moments = this.#localsSince.map((since) => since.get(node) ?? Number.NEGATIVE_INFINITY);
    return Math.max(Number.NEGATIVE_INFINITY, ...moments) + this.policy.endpointDelayMs;
  }

  /** The address that the node has no connected route to, where one is asked for. */
  unrouted(node: NodeFacts): IpAddress | undefined {
    if (!this.policy.requiresConnectedRoute || !node.facts) return undefined;
    return unroutedAddress(node.facts, interfacesOn(node, this.ads), this.#addresses);
  }

  /** Negative where the first comes before the second. MetalLB's own order is the last two: score, then hash. */
  compare(a: Standing, b: Standing): number {
    return (
      a.handicap - b.handicap ||
      a.young - b.young ||
      a.wait - b.wait ||
      a.spread - b.spread ||
      b.score - a.score ||
      compareBytes(this.#hash(a), this.#hash(b))
    );
  }

  #hash(standing: Standing): Uint8Array {
    standing.hash ??= electionHash(standing.candidate.node.name, this.firstAddress);
    return standing.hash;
  }

  #spreadOf(node: string): number {
    const { spread } = this.facts;
    if (!spread) return 0;
    return node === spread.first ? 0 : node === spread.second ? 1 : 2;
  }
}

const lbSharing = ["metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip"];

/** The contest for a group, or why nobody announces it whatever the nodes. */
export function contestOf(
  services: readonly AnnouncedService[],
  firstAddress: string,
  advertisements: readonly L2Advertisement[],
  facts: GroupFacts,
): Contest | Reason {
  const served = services.filter(hasEndpoint);
  if (served.length === 0) return reason("announce.no-endpoints");
  const matched = served.map((service) => ({
    service,
    ads: matchingAdvertisements(service, advertisements),
  }));
  for (const { service, ads } of matched) {
    if (ads.length === 0) {
      return reason("announce.no-advertisement", { protocol: "layer 2", pool: service.pool });
    }
    const selecting = ads.find(({ serviceSelectors }) => serviceSelectors.length > 0);
    if (selecting && lbSharing.some((name) => service.view.annotations[name] !== undefined)) {
      return reason("announce.shared-with-service-selectors", { advertisement: selecting.name });
    }
  }
  return new Contest(matched, firstAddress, facts);
}

const noPolicy: GroupPolicy = { failbackAfterMs: 0, requiresConnectedRoute: false, endpointDelayMs: 0 };

function policyOf(ads: readonly L2Advertisement[]): GroupPolicy {
  const policies = ads.flatMap(({ policy }) => policy ?? []);
  if (policies.length === 0) return noPolicy;
  const isSpread = ads.every(({ policy }) => policy?.isSpread);
  const [spreadBy] = ads.map(({ name }) => name).sort();
  return {
    failbackAfterMs: Math.max(...policies.map(({ failbackAfterMs }) => failbackAfterMs)),
    requiresConnectedRoute: policies.some(({ requiresConnectedRoute }) => requiresConnectedRoute),
    endpointDelayMs: Math.max(...policies.map(({ endpointDelayMs }) => endpointDelayMs)),
    ...(isSpread && spreadBy !== undefined && { spreadBy }),
  };
}
