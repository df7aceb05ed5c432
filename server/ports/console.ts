import type { ConfigFinding, ConfigIssue } from "#core/config/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import type { BgpSessionRow } from "./bgp.ts";
import type { Instant, Page, Topic } from "./common.ts";
import type { Layer2Row, Move } from "./layer2.ts";
import type { LeadershipView } from "./leadership.ts";
import type { PoolDetail, PoolSummary } from "./pools.ts";
import type { PoolRefusal, ServiceDetail, ServicePage, ServiceQuery } from "./services.ts";
import type { MembershipSummary, SpeakerDetail, SpeakerRow } from "./speakers.ts";

export interface AttentionItem {
  /** Most harmful first. */
  severity: "critical" | "warning" | "info";
  kind:
    | "speaker-silent"
    | "address-conflict"
    | "no-announcer"
    | "session-down"
    | "service-pending"
    | "pool-full"
    | "pool-nearly-full"
    | "pool-unadvertised"
    | "config-rejected"
    | "config-lint"
    | "ring-blocked"
    | "forbidden"
    | "pools-vanished"
    | "api-away";
  /** The object: a Service, pool, node, session or configuration object. */
  subject: string;
  why?: Reason;
  /** Where text comes from outside, such as a BGP error or a configuration issue. */
  text?: string;
  /** Path in the console that shows it. */
  href: string;
  since?: Instant;
  /** How many alike are folded into this line. */
  count: number;
  /** What `why` is the sum of, where it is one: what each pool answers. */
  refusals?: PoolRefusal[];
  /** Of a pool: how many Services wait for an address of it. */
  waiting?: number;
}

export interface Overview {
  attention: AttentionItem[];
  pools: PoolSummary[];
  sessions: BgpSessionRow[];
  speakers: SpeakerRow[];
  leaders: { node: string; addresses: number }[];
  moves: Move[];
  services: { total: number; assigned: number; pending: number };
  issues: ConfigIssue[];
  /** What is in force and yet deserves a look. */
  findings?: ConfigFinding[];
  api: { connected: boolean; since: Instant };
  /** The API server is away since then, and everything shown is what was known; absent while it is not. */
  cachedSince?: Instant;
  /** Who of several replicas leads. */
  leadership?: LeadershipView;
}

/** Read side of the console. Every method answers from memory and at once. */
export interface ConsolePort {
  now(): Instant;
  overview(): Overview;
  pools(): PoolSummary[];
  pool(name: string): PoolDetail | undefined;
  services(query: ServiceQuery): ServicePage;
  service(namespace: string, name: string): ServiceDetail | undefined;
  layer2(query: { search: string; page: number; pageSize: number }): Page<Layer2Row>;
  moves(limit: number): Move[];
  sessions(): BgpSessionRow[];
  speakers(): SpeakerRow[];
  speaker?(node: string): SpeakerDetail | undefined;
  membership?(): MembershipSummary;
  issues(): ConfigIssue[];
  findings?(): ConfigFinding[];
  /** Calls back after a change, coalesced by the caller; returns the unsubscriber. */
  subscribe(listener: (topic: Topic) => void): () => void;
}
