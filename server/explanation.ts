import type { Reason } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";
import type { Words } from "./i18n/mod.ts";
import type { ServiceDetail } from "./ports.ts";
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
  /** Pools that serve the Service and have nothing to give now. */
  lacking?: { pool: string; why: Reason }[];
  /** Everything that was looked at, in order: pools, addresses, advertisements, nodes, announcers. */
  trace: TraceStep[];
}

export function explanationOf(service: ServiceDetail, words: Words): Explanation {
  const { namespace, name, addresses, pool, lacking, trace } = service;
  return {
    namespace,
    name,
    state: serviceState(service).key,
    summary: summaryOf(service, words),
    addresses,
    ...(pool !== undefined && { pool }),
    ...(lacking && { lacking }),
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
    const reasons = whyPending(service).map((why) => words.reason(why));
    const why = reasons.length === 0 ? t("service.beingDecided") : joined(reasons, words);
    return t("summary.pending", { service: subject, why });
  }
  const addresses = service.addresses.join(", ");
  const held = { service: subject, addresses, pool: service.pool ?? "–" };
  if (state === "announced") return t("summary.announced", { ...held, who: announcersText(service, words) });
  const why = service.pending === undefined ? undefined : words.reason(service.pending);
  return why === undefined ? t("summary.notYet", held) : t("summary.unannounced", { ...held, why });
}

/** The one reason; where that is a sum over pools, what each pool lacks. None while it is being decided. */
export function whyPending({ pending, lacking = [] }: Pick<ServiceDetail, "pending" | "lacking">): Reason[] {
  if (pending === undefined) return [];
  if (pending.code !== "pool.all-failed" || lacking.length === 0) return [pending];
  return lacking.map(({ why }) => why);
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
