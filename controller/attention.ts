import type { ConfigFinding, ConfigIssue } from "#core/config/mod.ts";
import { type Reason, reason } from "#core/reason/mod.ts";
import { effectOf } from "#k8s/mod.ts";
import type {
  AddressConflict,
  AttentionItem,
  BgpSessionRow,
  PoolRefusal,
  PoolSummary,
} from "#server/ports.ts";

/** What the attention list is made from; everything with the moment since which it holds. */
export interface Troubles {
  /** The API server is away: since when, and how. */
  cached: { since: number; problem?: string | undefined } | undefined;
  /** Rights that controller and speakers lack. */
  denials: readonly {
    part: "controller" | "speaker";
    who: string;
    verb: string;
    resource: string;
    at: number;
  }[];
  /** All pools vanished, and Services keep what they have. */
  isHolding: boolean;
  silentSpeakers: readonly { node: string; problem: string; at: number }[];
  /** Addresses that more than one node says it answers for. */
  conflicts: readonly { address: string; nodes: string[]; at: number }[];
  /** Other hosts that speak as an address, and the node that hears them. */
  foreign: readonly (AddressConflict & { node: string })[];
  /** Nodes whose ring port hears nobody. */
  ringBlocked: readonly { node: string; port: number }[];
  unannounced: readonly { service: string; why: Reason | undefined; at: number }[];
  /** `fullPools` would serve the Service, had they an address left. */
  pending: readonly { service: string; why: Reason | undefined; fullPools: readonly string[]; at: number }[];
  /** What each pool answers a Service that waits. */
  refusals(service: string): PoolRefusal[];
  sessions: readonly BgpSessionRow[];
  pools: readonly PoolSummary[];
  issues: readonly ConfigIssue[];
  findings: readonly ConfigFinding[];
}

/** In a sentence: which host, where, and what has to happen. */
export function whyForeign(conflict: AddressConflict & { node: string }): Reason {
  const { address, mac, ownMac, node, interface: on, phase } = conflict;
  return reason(`conflict.${phase}`, { address, mac, ownMac, node, interface: on });
}

/** Lines of one kind and reason beyond this many are one line with a count. */
const foldAbove = 5;
const nearlyFullPercent = 90;
const ranks: Record<AttentionItem["severity"], number> = { critical: 0, warning: 1, info: 2 };

/** What a person should look at, most harmful first; many alike are folded into one line. */
export function attention(troubles: Troubles): AttentionItem[] {
  const waiting = waitingByPool(troubles.pending);
  const items = [
    ...away(troubles),
    ...vanished(troubles),
    ...troubles.denials.map(forbidden),
    ...troubles.silentSpeakers.map(silent),
    ...troubles.conflicts.map(conflict),
    ...troubles.foreign.map(foreign),
    ...troubles.ringBlocked.map(ringBlocked),
    ...troubles.unannounced.map(unannounced),
    ...troubles.sessions.filter(({ state }) => state !== "Established").map(sessionDown),
    ...troubles.pools.flatMap((pool) => poolTrouble(pool, waiting.get(pool.name) ?? 0)),
    ...troubles.pending.map(pending),
    ...troubles.issues.map(rejected),
    // A pool without an advertisement has a line of its own above.
    ...troubles.findings.filter(({ why }) => why.code !== "lint.pool-unadvertised").map(found),
  ];
  return fold(items)
    .map((item) => withRefusals(item, troubles))
    .sort((a, b) => ranks[a.severity] - ranks[b.severity]);
}

/** Asked only for lines that are shown: ten thousand may wait. */
function withRefusals(item: AttentionItem, { refusals }: Troubles): AttentionItem {
  if (item.kind !== "service-pending" || item.why?.code !== "pool.all-failed") return item;
  return { ...item, refusals: refusals(item.subject) };
}

function away({ cached }: Troubles): AttentionItem[] {
  if (!cached) return [];
  const { since, problem } = cached;
  const item = {
    severity: "critical",
    kind: "api-away",
    subject: "Kubernetes API",
    href: "/",
    since,
    count: 1,
  } as const;
  return [{ ...item, ...(problem !== undefined && { text: problem }) }];
}

function vanished({ isHolding }: Troubles): AttentionItem[] {
  if (!isHolding) return [];
  const why = reason("pool.all-vanished");
  return [
    { severity: "critical", kind: "pools-vanished", subject: "IPAddressPool", why, href: "/pools", count: 1 },
  ];
}

function forbidden({ part, who, verb, resource, at }: Troubles["denials"][number]): AttentionItem {
  const { why, severity } = effectOf(part, verb, resource);
  return {
    severity,
    kind: "forbidden",
    subject: `${verb} ${resource}`,
    why: reason(why, { part: who, verb, resource }),
    href: part === "controller" ? "/" : "/speakers",
    since: at,
    count: 1,
  };
}

function silent({ node, problem, at }: Troubles["silentSpeakers"][number]): AttentionItem {
  return {
    severity: "critical",
    kind: "speaker-silent",
    subject: node,
    text: problem,
    href: "/speakers",
    since: at,
    count: 1,
  };
}

function conflict({ address, nodes, at }: Troubles["conflicts"][number]): AttentionItem {
  return {
    severity: "critical",
    kind: "address-conflict",
    subject: address,
    why: reason("conflict.two-nodes", { nodes: nodes.join(", ") }),
    href: `/layer2?search=${encodeURIComponent(address)}`,
    since: at,
    count: 1,
  };
}

function foreign(conflict: Troubles["foreign"][number]): AttentionItem {
  const { address, since } = conflict;
  return {
    severity: "critical",
    kind: "address-conflict",
    subject: address,
    why: whyForeign(conflict),
    href: `/layer2?search=${encodeURIComponent(address)}`,
    since,
    count: 1,
  };
}

function ringBlocked({ node, port }: Troubles["ringBlocked"][number]): AttentionItem {
  return {
    severity: "warning",
    kind: "ring-blocked",
    subject: node,
    why: reason("ring.blocked", { node, port }),
    href: `/speakers/${encodeURIComponent(node)}`,
    count: 1,
  };
}

function unannounced({ service, why, at }: Troubles["unannounced"][number]): AttentionItem {
  return {
    // Without endpoints there is nothing to deliver to: that is the workload's trouble, not the network's.
    severity: why?.code === "announce.no-endpoints" ? "warning" : "critical",
    kind: "no-announcer",
    subject: service,
    ...(why && { why }),
    href: serviceHref(service),
    since: at,
    count: 1,
  };
}

function sessionDown(session: BgpSessionRow): AttentionItem {
  return {
    severity: "critical",
    kind: "session-down",
    subject: `${session.node} – ${session.peer}`,
    text: session.lastError ? `${session.state}: ${session.lastError.text}` : session.state,
    href: "/bgp",
    since: session.since,
    count: 1,
  };
}

function pending({ service, why, at }: Troubles["pending"][number]): AttentionItem {
  return {
    severity: "warning",
    kind: "service-pending",
    subject: service,
    ...(why && { why }),
    href: serviceHref(service),
    since: at,
    count: 1,
  };
}

function poolTrouble(pool: PoolSummary, waiting: number): AttentionItem[] {
  const item = { subject: pool.name, href: `/pools/${encodeURIComponent(pool.name)}`, count: 1 } as const;
  const items: AttentionItem[] = [];
  const isAdvertised = pool.l2Advertisements.length + pool.bgpAdvertisements.length > 0;
  if (!isAdvertised) {
    items.push({
      ...item,
      severity: pool.serviceCount > 0 ? "critical" : "warning",
      kind: "pool-unadvertised",
    });
  }
  const percent = Math.max(takenPercent(pool.ipv4), takenPercent(pool.ipv6));
  if (waiting > 0) {
    items.push({ ...item, severity: "critical", kind: "pool-full", waiting });
  } else if (percent >= 100) {
    items.push({ ...item, severity: "warning", kind: "pool-full" });
  } else if (percent >= nearlyFullPercent) {
    items.push({ ...item, severity: "warning", kind: "pool-nearly-full", text: `${Math.floor(percent)} %` });
  }
  return items;
}

function waitingByPool(pending: Troubles["pending"]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fullPools } of pending) {
    for (const pool of fullPools) counts.set(pool, (counts.get(pool) ?? 0) + 1);
  }
  return counts;
}

/** What nobody new is given: held, reserved or cooling down. */
function takenPercent({ total, used, reserved = 0, cooling = 0 }: PoolSummary["ipv4"]): number {
  return total === "0" ? 0 : ((used + reserved + cooling) / Number(total)) * 100;
}

function rejected({ kind, name, message }: ConfigIssue): AttentionItem {
  return {
    severity: "warning",
    kind: "config-rejected",
    subject: `${kind} ${name}`,
    text: message,
    href: "/configuration",
    count: 1,
  };
}

function found({ severity, kind, name, why }: ConfigFinding): AttentionItem {
  const isService = kind === "Service";
  return {
    severity,
    kind: "config-lint",
    subject: isService ? name : `${kind} ${name}`,
    why,
    href: isService ? serviceHref(name) : "/configuration",
    count: 1,
  };
}

/** Groups of one kind, severity and reason that are too many become their first line and a count. */
function fold(items: readonly AttentionItem[]): AttentionItem[] {
  const groups = Map.groupBy(items, ({ kind, severity, why }) => `${kind} ${severity} ${why?.code ?? ""}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first || group.length <= foldAbove) return group;
    return [{ ...first, href: foldedHref[first.kind] ?? first.href, count: group.length }];
  });
}

const foldedHref: Partial<Record<AttentionItem["kind"], string>> = {
  "service-pending": "/services?state=pending",
  "no-announcer": "/services?state=unannounced",
  "address-conflict": "/layer2",
  "ring-blocked": "/speakers",
  "pool-full": "/pools",
  "pool-nearly-full": "/pools",
  "pool-unadvertised": "/pools",
  "config-lint": "/configuration",
};

function serviceHref(service: string): string {
  return `/services/${service.split("/").map(encodeURIComponent).join("/")}`;
}
