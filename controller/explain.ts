import { announceBgp } from "#core/announce/mod.ts";
import { matchesAnySelector } from "#core/config/mod.ts";
import { reason } from "#core/reason/mod.ts";
import type { Decision, TraceStep } from "#core/service/mod.ts";
import type { World } from "./world.ts";

/**
 * The whole way of a Service: what the allocator decided, then which advertisements select it, what each node may do
 * and who announces. Each step carries its reason.
 */
export function explain(decision: Decision, world: World): TraceStep[] {
  return [
    ...decision.trace,
    ...advertisementSteps(decision, world),
    ...layer2Steps(decision, world),
    ...bgpSteps(decision, world),
  ];
}

const protocols = [
  ["l2Advertisements", "layer 2"],
  ["bgpAdvertisements", "BGP"],
] as const;

function advertisementSteps(decision: Decision, world: World): TraceStep[] {
  const service = world.announced(decision.service);
  if (!service) return [];
  const { pool, view } = service;
  const steps = protocols.flatMap(([kind, protocol]) =>
    world.config[kind].map((advertisement): TraceStep => {
      const isOfPool = advertisement.pools.has(pool);
      const isOfService = matchesAnySelector(advertisement.serviceSelectors, view.labels);
      const subject = advertisement.name;
      const stage = "advertisement";
      if (!isOfPool)
        return { stage, subject, verdict: "skipped", why: reason("announce.other-pool", { protocol, pool }) };
      if (!isOfService) {
        return {
          stage,
          subject,
          verdict: "skipped",
          why: reason("announce.service-not-selected", { protocol }),
        };
      }
      return { stage, subject, verdict: "chosen", why: reason("announce.selected", { protocol, pool }) };
    }),
  );
  if (steps.some((step) => step.verdict === "chosen")) return steps;
  const why = reason("announce.no-advertisement", { protocol: "layer 2 or BGP", pool });
  return [...steps, { stage: "advertisement", subject: pool, verdict: "blocked", why }];
}

function layer2Steps(decision: Decision, world: World): TraceStep[] {
  const [address] = decision.addresses;
  const isCovered = world.config.l2Advertisements.some(({ pools }) => pools.has(decision.pool ?? ""));
  const election = address === undefined || !isCovered ? undefined : world.election(address);
  if (!election) return [];
  const steps = election.ranking.map(({ node, rank, why }): TraceStep => {
    if (rank === 1) return { stage: "announcer", subject: node, verdict: "chosen", why };
    return { stage: "node", subject: node, verdict: rank === 0 ? "blocked" : "skipped", why };
  });
  if (election.winner !== undefined || !election.blocked) return steps;
  return [
    ...steps,
    { stage: "announcer", subject: address ?? "", verdict: "blocked", why: election.blocked },
  ];
}

function bgpSteps(decision: Decision, world: World): TraceStep[] {
  const service = world.announced(decision.service);
  const { bgpAdvertisements } = world.config;
  if (!service || !bgpAdvertisements.some(({ pools }) => pools.has(service.pool))) return [];
  const cluster = world.cluster();
  return cluster.nodes.map((node): TraceStep => {
    const { blocked } = announceBgp(service, bgpAdvertisements, node, cluster.ignoreExcludeLabel);
    const why =
      blocked ?? (node.hasSpeaker ? undefined : reason("announce.speaker-absent", { node: node.name }));
    if (why) return { stage: "node", subject: node.name, verdict: "blocked", why };
    const announces = reason("announce.over-bgp", { node: node.name });
    return { stage: "announcer", subject: node.name, verdict: "chosen", why: announces };
  });
}
