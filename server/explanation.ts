import type { Reason } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";
import type { Words } from "./i18n/mod.ts";
import type { PoolRefusal, ServiceDetail } from "./ports.ts";
import { serviceState } from "./service_state.ts";

/** What `GET /api/v1/services/{namespace}/{name}/explain` answers; reasons have their English `text` beside the code. */
export interface Explanation {
  namespace: string;
  name: string;
  state: "pending" | "unannounced" | "announced";
  /** The outcome in a sentence or two. */
  summary: string;
  addresses: string[];
  pool?: string;
  /** Of one that waits: the pools that serve it and have nothing to give; where there are none, those that do not. */
  refusals?: PoolRefusal[];
  /** Everything that was looked at, in order: pools, addresses, advertisements, nodes, announcers. */
  trace: TraceStep[];
}

export function explanationOf(service: ServiceDetail, words: Words): Explanation {
  const { namespace, name, addresses, pool, refusals, trace } = service;
  return {
    namespace,
    name,
    state: serviceState(service).key,
    summary: summaryOf(service, words),
    addresses,
    ...(pool !== undefined && { pool }),
    ...(refusals && { refusals }),
    trace,
  };
}

/** In a sentence: which address from where, announced by whom; or what is missing and why; and what is unusual about it. */
export function summaryOf(service: ServiceDetail, words: Words): string {
  const kept = service.trace.find(({ why }) => why.code.startsWith("address.kept-"));
  const summary = joined([outcome(service, words), ...(kept ? [words.reason(kept.why)] : [])], words);
  return /[.!?]$/.test(summary) ? summary : `${summary}.`;
}

function outcome(service: ServiceDetail, words: Words): string {
  const { t } = words;
  const subject = `${service.namespace}/${service.name}`;
  const state = serviceState(service).key;
  if (state === "pending") {
    return t("summary.pending", { service: subject, why: whyPending(service, words) });
  }
  const addresses = service.addresses.join(", ");
  const held = { service: subject, addresses, pool: service.pool ?? "–" };
  if (state === "announced") return t("summary.announced", { ...held, who: announcersText(service, words) });
  const why = service.pending === undefined ? undefined : words.reason(service.pending);
  return why === undefined ? t("summary.notYet", held) : t("summary.unannounced", { ...held, why });
}

/** The reason; where that is a sum over pools, what each pool answers, for only that is said in any language. */
export function partsOf(why: Reason, refusals: readonly PoolRefusal[] = []): Reason[] {
  if (why.code !== "pool.all-failed" || refusals.length === 0) return [why];
  return refusals.map((refusal) => refusal.why);
}

/** A sentence names this many pools. */
const namedMax = 4;

function whyPending({ pending, refusals }: ServiceDetail, words: Words): string {
  if (pending === undefined) return words.t("service.beingDecided");
  const reasons = partsOf(pending, refusals).map((why) => words.reason(why));
  const hidden = reasons.length - namedMax;
  const more = hidden > 0 ? [words.t("pools.refuseMore", { count: hidden })] : [];
  return joined([...reasons.slice(0, namedMax), ...more], words);
}

function announcersText({ announcers }: ServiceDetail, words: Words): string {
  const nodesOf = (protocol: "layer2" | "bgp") =>
    announcers.filter((one) => one.protocol === protocol).map(({ node }) => node);
  const parts = [
    { nodes: nodesOf("layer2"), by: words.t("summary.onLayer2") },
    { nodes: nodesOf("bgp"), by: words.t("summary.overBgp") },
  ];
  return parts
    .filter(({ nodes }) => nodes.length > 0)
    .map(({ nodes, by }) =>
      nodes.length <= 2
        ? `${nodes.join(", ")} (${by})`
        : `${words.t("nodes.count", { count: nodes.length })} (${by})`,
    )
    .join(", ");
}

function joined(sentences: readonly string[], { t }: Words): string {
  return sentences.reduce((first, second) => t("summary.and", { first, second }));
}
