import {
  AddressGroups,
  type AnnouncedService,
  electLayer2,
  type Layer2Election,
  type NodeFacts,
} from "#core/announce/mod.ts";
import type { Config } from "#core/config/mod.ts";
import type { EndpointView, NodeView, ServiceBook, ServiceView, TraceStep } from "#core/service/mod.ts";
import { serviceKey } from "#core/service/mod.ts";
import type { ServiceL2StatusView } from "#k8s/mod.ts";
import type { ShadowElection } from "#server/ports.ts";
import { tellingReason } from "./telling_reason.ts";

export interface ElectionFacts {
  readonly services: Iterable<ServiceView>;
  readonly book: Pick<ServiceBook, "decision">;
  endpointsOf(service: string): readonly EndpointView[];
  readonly config: Config;
  readonly nodes: Iterable<NodeView>;
  /** Nodes on which a speaker's Pod is ready: whom the ring of MetalLB's speakers counts as well. */
  readonly speakerNodes: ReadonlySet<string>;
  readonly statuses: Iterable<ServiceL2StatusView>;
}

/**
 * Compares whom the ServiceL2Status objects name with whom the same election names here. MetalLB's speakers describe
 * themselves by nothing but their name, so candidates, order and hash are exactly MetalLB's.
 */
export function compareElections(facts: ElectionFacts): {
  compared: number;
  others: Omit<ShadowElection, "since">[];
} {
  const { config, book } = facts;
  const announced = new Map<string, AnnouncedService>();
  const groups = new AddressGroups();
  for (const view of facts.services) {
    const service = serviceKey(view);
    const { addresses = [], pool } = book.decision(service) ?? {};
    // Only who keeps what it announces can be compared.
    if (pool === undefined || addresses.length === 0 || !sameTexts(addresses, view.ingress)) continue;
    announced.set(service, { view, pool, endpoints: facts.endpointsOf(service) });
    groups.set(service, view.ingress);
  }
  const nodes = [...facts.nodes].map(
    ({ name, labels, networkUnavailable }): NodeFacts => ({
      name,
      labels,
      networkUnavailable,
      hasSpeaker: facts.speakerNodes.has(name),
    }),
  );
  const named = Map.groupBy(
    [...facts.statuses].filter(({ isStuck }) => !isStuck),
    ({ service }) => service,
  );
  const elections = new Map<string, Layer2Election>();
  const others: Omit<ShadowElection, "since">[] = [];
  let compared = 0;
  for (const [service, { pool }] of announced) {
    const group = groups.groupOf(service);
    if (!group || !config.l2Advertisements.some(({ pools }) => pools.has(pool))) continue;
    compared++;
    let election = elections.get(group.firstAddress);
    if (!election) {
      const fellows = group.services.flatMap((key) => announced.get(key) ?? []);
      const cluster = { nodes, ignoreExcludeLabel: false };
      election = electLayer2(fellows, group.firstAddress, config.l2Advertisements, cluster);
      elections.set(group.firstAddress, election);
    }
    const has = [...new Set((named.get(service) ?? []).map(({ node }) => node))].sort();
    const { winner } = election;
    if (winner === undefined ? has.length === 0 : has.length === 1 && has[0] === winner) continue;
    const trace = traceOf(election);
    others.push({
      service,
      has,
      ...(winner !== undefined && { wants: winner }),
      ...tellingReason(trace),
      trace,
    });
  }
  return { compared, others };
}

function traceOf({ ranking, blocked, winner }: Layer2Election): TraceStep[] {
  const steps = ranking.map(
    ({ node, rank, why }): TraceStep =>
      rank === 1
        ? { stage: "announcer", subject: node, verdict: "chosen", why }
        : { stage: "node", subject: node, verdict: rank === 0 ? "blocked" : "skipped", why },
  );
  if (winner !== undefined || !blocked) return steps;
  return [...steps, { stage: "announcer", subject: "", verdict: "blocked", why: blocked }];
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
