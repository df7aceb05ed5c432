/**
 * What the console, the JSON API and the scraper are given to show. `server/` knows no Kubernetes and no socket:
 * `controller/` and `speaker/` implement these ports. All values are plain data that JSON can carry.
 */
import type { ConfigFinding, ConfigIssue, Resource } from "#core/config/mod.ts";
import type { Reason } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";

/** Milliseconds since the epoch. */
export type Instant = number;

/** What changed; a region of the console pulls itself when its topic is poked. */
export type Topic = "pools" | "services" | "layer2" | "bgp" | "speakers" | "configuration";

/** Addresses of one family in a pool: free are `total` without used, reserved and cooling. */
export interface PoolCounts {
  /** Decimal text, for an IPv6 pool outgrows a number; without those avoided and excluded. */
  total: string;
  /** Distinct addresses that are held. */
  used: number;
  /** Kept for a Service by name and held by nobody (metallb.io/reservations, metallb.io/reserve). Absent: 0. */
  reserved?: number;
  /** Given back, and not given to others yet (metallb.io/reuse-after). Absent: 0. */
  cooling?: number;
  /** Never given out, decimal text (metallb.io/exclude-addresses). Absent: 0. */
  excluded?: string;
  /** Held although excluded, or in the pool no more (metallb.io/on-removal: keep); not in `used`. Absent: 0. */
  kept?: number;
}

export interface PoolSummary {
  name: string;
  /** As declared: `192.168.1.240-192.168.1.250`. */
  ranges: string[];
  autoAssign: boolean;
  avoidBuggyIPs: boolean;
  ipv4: PoolCounts;
  ipv6: PoolCounts;
  /** Services waiting that only this pool could serve are not attributed; this counts holders. */
  serviceCount: number;
  /** Names of the advertisements that cover the pool; a pool without one is unreachable. */
  l2Advertisements: string[];
  bgpAdvertisements: string[];
  /** `spec.serviceAllocation`: the only Services that the pool serves. Absent: every Service. */
  allocation?: PoolAllocation;
}

/** Whom a pool serves: a Service of one of the namespaces or of a selected one, and with one of the labels. */
export interface PoolAllocation {
  /** Lower is asked first; 0 (unset) last. */
  priority: number;
  /** Names. */
  namespaces: string[];
  /** Label selectors as `kubectl -l` takes them. */
  namespaceSelectors: string[];
  serviceSelectors: string[];
}

/** What the annotations of a pool ask for, as it is in force; what is absent is not asked for. */
export interface PoolPolicies {
  /** Addresses and ranges (metallb.io/exclude-addresses). */
  excluded?: string[];
  /** Of the annotation metallb.io/reservations, or asked for by Services themselves (metallb.io/reserve). */
  reservations?: { namespace: string; name: string; addresses: string[]; by: "pool" | "service" }[];
  /** metallb.io/reuse-after. */
  reuseAfterMs?: number;
  /** metallb.io/quota-per-namespace: most addresses of a namespace; `others` is for those that are not named. */
  quota?: { namespaces: { namespace: string; limit: number }[]; others?: number };
  /** metallb.io/on-removal. */
  onRemoval?: "keep" | "release";
}

/** One address that somebody holds. */
export interface AddressHolder {
  address: string;
  pool: string;
  services: { namespace: string; name: string; ports: string[] }[];
  /** Nodes that announce it now. */
  announcers: { node: string; protocol: "layer2" | "bgp" }[];
  /** The pool excludes the address by now, or has it no more: its holders keep it until they give it up. */
  kept?: "excluded" | "outside";
}

/** A run of addresses for the map: single cells where the pool is small, blocks where it is large. */
export interface MapCell {
  first: string;
  last: string;
  /** Decimal text. */
  size: string;
  used: number;
  /** `reserved`, `cooling`, `excluded` and `kept` (excluded, but held) stand in cells of one address only. */
  state: "free" | "used" | "shared" | "avoided" | "reserved" | "cooling" | "excluded" | "kept";
  holder?: { namespace: string; name: string };
  /** For whom the address is reserved, whether or not it is held. */
  reservedFor?: { namespace: string; name: string }[];
  /** Until when it cools down. */
  coolsUntil?: Instant;
}

export interface PoolDetail extends PoolSummary {
  /** At most 4,096 cells; see `cellSize`. */
  cells: MapCell[];
  /** Addresses a cell stands for, decimal text: "1" in a small pool. */
  cellSize: string;
  holders: AddressHolder[];
  /** Absent where no annotation asks for one. */
  policies?: PoolPolicies;
}

/** Why a pool gives a Service no address. */
export interface PoolRefusal {
  pool: string;
  why: Reason;
}

export interface ServiceRow {
  namespace: string;
  name: string;
  addresses: string[];
  pool?: string;
  ports: string[];
  externalTrafficPolicy: "Cluster" | "Local";
  endpointsReady: number;
  announcers: { node: string; protocol: "layer2" | "bgp" }[];
  createdAt: Instant;
  /** Why no address, or why nobody announces it. */
  pending?: Reason;
  /**
   * Of a Service that waits: the pools that serve it and have nothing to give now; where there are none, those that do
   * not serve it. Absent where no pool was asked.
   */
  refusals?: PoolRefusal[];
}

export type ServiceSort = "name" | "address" | "pool" | "age" | "state";

export interface ServiceQuery {
  /** Matches namespace/name, address, pool and announcer, case-insensitively. */
  search: string;
  sort: ServiceSort;
  descending: boolean;
  state: "all" | "assigned" | "pending" | "unannounced";
  /** From 1. */
  page: number;
  pageSize: number;
}

export interface Page<Row> {
  rows: Row[];
  total: number;
  page: number;
  pageSize: number;
}

export interface ServicePage extends Page<ServiceRow> {
  /** Of what the search finds, how many are in each state, whatever state is asked for. */
  counts?: Record<ServiceQuery["state"], number>;
}

export interface ServiceDetail extends ServiceRow {
  trace: TraceStep[];
  events: {
    at: Instant;
    type: "Normal" | "Warning";
    reason: string;
    message: string;
    source: string;
    count: number;
  }[];
}

export interface Candidate {
  node: string;
  /** 1 is the announcer; 0 is not a candidate. */
  rank: number;
  why: Reason;
}

export interface Layer2Row {
  address: string;
  services: { namespace: string; name: string }[];
  /** What the speakers say: more than one is a conflict, none is an outage. */
  leaders: Layer2Leader[];
  candidates: Candidate[];
  /** Other hosts that speak as the address, and the node that hears them. */
  conflicts?: (AddressConflict & { node: string })[];
  /** What is asked for and not heeded. */
  note?: Reason;
}

/** A node that is to answer for an address, as its speaker says. */
export interface Layer2Leader {
  node: string;
  interfaces: string[];
  /** Of the first interface. */
  mac: string;
  /** Of each interface, in the order of `interfaces`. */
  macs?: string[];
  since: Instant;
  gratuitousAt?: Instant;
  /** Frames received for the address and sent for it since then. */
  counters?: { requests: number; responses: number; gratuitous: number };
  /** "probing": it asks whether somebody else has the address, and does not answer yet. Absent: it answers. */
  phase?: "probing";
  /** It answers until that node says that it does. */
  yieldingTo?: string;
}

export interface Move {
  at: Instant;
  address: string;
  from?: string;
  to?: string;
  why: Reason;
  /** From the last sign of life of the old announcer, or from the decision where none was lost, to the first gratuitous frame. */
  tookMs?: number;
}

export interface BgpMessageCounts {
  opens: number;
  updates: number;
  notifications: number;
  keepalives: number;
  routeRefreshes: number;
}

export interface BgpSessionRow {
  node: string;
  /** BGPPeer name. */
  peer: string;
  address: string;
  port: number;
  myASN: number;
  peerASN?: number;
  /** RFC 4271 §8.2.2: Idle, Connect, Active, OpenSent, OpenConfirm, Established. */
  state: "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm" | "Established";
  /** When the present state began. */
  since: Instant;
  /** Of the last Established period. */
  uptimeMs?: number;
  holdTimeMs?: number;
  keepaliveTimeMs?: number;
  prefixesSent: number;
  prefixesReceived: number;
  /** In words, such as `NOTIFICATION received: OPEN Message Error, Bad Peer AS`. */
  lastError?: { at: Instant; text: string };
  flaps: number;
  capabilities: string[];
  /** Absent where no BFDProfile watches the peer, and until something is heard of it. */
  bfd?: "up" | "down" | "adminDown";
  /** The BFD session that watches the peer; the console has it from {@link SpeakerState.bfd}. */
  bfdSession?: BfdSessionRow;
  /** Absent in the default VRF. */
  vrf?: string;
  /** Nothing is tried: an unnumbered peer's address is not known yet. */
  isWaiting?: boolean;
  /** By family, those that the session carries; absent while it is not Established. */
  families?: { family: "ipv4" | "ipv6"; sent: number; received: number }[];
  /** What the peer calls itself (FQDN capability). */
  peerName?: string;
  /** Prefixes still to be told. */
  pending?: number;
  messages?: { sent: BgpMessageCounts; received: BgpMessageCounts };
  /** The last messages in words, oldest first; KEEPALIVEs are only counted. */
  log?: { at: Instant; direction: "sent" | "received"; text: string }[];
}

/** One BFD session of a node (RFC 5880). */
export interface BfdSessionRow {
  /** Names of the BGPPeers that it watches: those with the same address share it. */
  peers: string[];
  address: string;
  interface?: string;
  /** "" is the default VRF. */
  vrf: string;
  /** RFC 5883, on UDP 4784; else one hop, RFC 5881. */
  isMultihop: boolean;
  /** RFC 5880 §6.2, this side's and what the peer says of its own. */
  state: "AdminDown" | "Down" | "Init" | "Up";
  remoteState: "AdminDown" | "Down" | "Init" | "Up";
  since: Instant;
  localDiscr: number;
  /** 0: the peer is not heard. */
  remoteDiscr: number;
  /** RFC 5880 §4.1 Diag in words: why this side, and the peer, last went down. */
  diagnostic?: string;
  remoteDiagnostic?: string;
  /** Of our control packets; absent while none are sent unasked. */
  transmitIntervalMs?: number;
  /** How long the peer may be silent; absent while it is. */
  detectionTimeMs?: number;
  /** Of Echo packets; absent while none come back. */
  echoIntervalMs?: number;
  /** The last end of the state Up. */
  lastDown?: { at: Instant; why: string };
  /** The last packet of the peer that a rule of reception dropped. */
  lastDiscard?: { at: Instant; why: string };
  /** Why nothing can be sent, or not as it was asked for. */
  problem?: string;
  counters: {
    controlIn: number;
    controlOut: number;
    echoIn: number;
    echoOut: number;
    up: number;
    down: number;
    discarded: number;
  };
}

export interface SpeakerRow {
  node: string;
  pod: string;
  address: string;
  /** False: did not answer; `lastSeen` and `error` say since when and how. */
  answers: boolean;
  lastSeen?: Instant;
  error?: string;
  version?: string;
  startedAt?: Instant;
  announcedLayer2: number;
  announcedBgp: number;
  sessionsUp: number;
  sessionsTotal: number;
  members: number;
  /** Of the live ones, how many are vouched for by the ring, by memberlist, by their Pod's readiness alone. */
  membersBy?: { ring: number; memberlist: number; pod: number };
  /** `metallb.io/drain` on its Node. */
  isDraining?: boolean;
  /** Nobody is heard on the ring's port, though others are there. */
  isRingBlocked?: boolean;
  /** Records what it would announce, for want of privileges. */
  recordOnly: boolean;
}

/** One speaker with everything that it says of itself and of its fellows. */
export interface SpeakerDetail extends SpeakerRow {
  interfaces: SpeakerInterface[];
  fellows: SpeakerMember[];
  ring?: RingState;
  conflicts: AddressConflict[];
  /** What it tells the others of itself; absent while it does not. */
  facts?: SpeakerFactsState;
}

/** How the speakers of the cluster watch one another. */
export interface MembershipSummary {
  /** Drain, damping, failback, spread and interfaces are heeded only while every live speaker describes itself. */
  extras: { inForce: boolean; silent: string[] };
  /** Nodes whose ring port hears nobody: what they lead is taken over by memberlist's verdict only. */
  ringBlocked: { node: string; port: number }[];
}

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

/** A write of a metallb.io object that the API server asks about. */
export interface AdmissionRequest {
  operation: "CREATE" | "UPDATE" | "DELETE";
  kind: string;
  namespace: string;
  name: string;
  /** As it would be stored; absent on DELETE. BGPPeers are v1beta2, whatever version was written. */
  object?: Resource;
  /** As it is stored; absent on CREATE. */
  oldObject?: Resource;
  /** Deletion waits for finalizers; what remains is taking those away. */
  isBeingDeleted: boolean;
}

/** Without an issue the write is allowed. */
export interface AdmissionVerdict {
  issues: ConfigIssue[];
  /** For whoever writes, in words. */
  warnings: string[];
}

/** Judges writes from memory and at once; undefined while the configuration is not known yet. */
export interface AdmissionPort {
  review(request: AdmissionRequest): AdmissionVerdict | undefined;
}

export interface Identity {
  username: string;
  groups: string[];
}

/** Checks a Kubernetes bearer token (TokenReview). Undefined: the token is not valid. Rejects when the API is away. */
export interface AuthPort {
  authenticate(token: string): Promise<Identity | undefined>;
}

/** Prometheus text or OpenMetrics, as the Accept header asks. */
export interface MetricsPort {
  contentType(accept: string): string;
  render(accept: string): Promise<string>;
}

/** Another host that speaks as an address which a node of the cluster announces, or is to. */
export interface AddressConflict {
  address: string;
  /** Of the other host. */
  mac: string;
  /** Of the node's interface. */
  ownMac: string;
  interface: string;
  /** "probe": it answered before the node announced the address, which waits for that host to give it up. */
  phase: "probe" | "owned";
  since: Instant;
  /** When it was heard last. */
  lastAt: Instant;
}

/** What a speaker says of itself on `GET /api/v1/state`. */
export interface SpeakerState {
  /** Grows with every change; a reader waits for a larger one with `?after=N`. */
  version: number;
  node: string;
  pod: string;
  build: string;
  startedAt: Instant;
  recordOnly: boolean;
  announcements: {
    address: string;
    services: string[];
    protocol: "layer2";
    interfaces: { name: string; mac: string }[];
    since: Instant;
    gratuitousAt?: Instant;
    requests: number;
    responses: number;
    gratuitous: number;
    /** Elected, and not announced yet: another host may have the address. */
    phase?: "probing";
    /** Answered for until that node does. */
    yieldingTo?: string;
  }[];
  /** Addresses announced over BGP, with the peers each is sent to. */
  routes: { prefix: string; services: string[]; peers: string[]; since: Instant }[];
  sessions: Omit<BgpSessionRow, "node">[];
  /** Counts are those of the last change: they alone wake no reader. Absent: a speaker without BFD. */
  bfd?: BfdSessionRow[];
  members: SpeakerMember[];
  moves: Move[];
  issues: ConfigIssue[];
  /** Next hops of the node's default routes: addresses that no pool should hold. */
  gateways?: string[];
  conflicts?: AddressConflict[];
  /** Those of the node that are not excluded by name. */
  interfaces?: SpeakerInterface[];
  facts?: SpeakerFactsState;
  ring?: RingState;
  memberlist?: MemberlistState;
}

/** A fellow speaker as one speaker sees it. */
export interface SpeakerMember {
  node: string;
  address: string;
  state: "alive" | "dead" | "left";
  since: Instant;
  lastHeardAt?: Instant;
  /** Whose word it is: the ring of watchers, memberlist, or, where neither is heard, the readiness of its Pod. */
  by?: "ring" | "memberlist" | "pod";
  roundTripMs?: number;
}

export interface SpeakerInterface {
  name: string;
  mac: string;
  isUsable: boolean;
  /** Why not: `down`, `no-carrier`, `enslaved`, … */
  unusable?: string;
  addresses: string[];
}

/** What a speaker tells the others of itself. */
export interface SpeakerFactsState {
  interfaces: { name: string; connected: string[] }[];
  isTruncated: boolean;
  /** Since when it has run without being lost. */
  stableSince: Instant;
  /** How often it was lost within the damping window. */
  flaps: number;
  isAnswering: boolean;
}

/** How one speaker takes part in the memberlist ring. */
export interface MemberlistState {
  readonly isListening: boolean;
  readonly address: string;
  /** UDP and TCP. */
  readonly port: number;
  readonly isEncrypted: boolean;
  /** 0 is healthy; each point makes this speaker wait one probe longer before it suspects another. */
  readonly health: number;
  readonly members: readonly {
    readonly node: string;
    readonly address: string;
    readonly port: number;
    readonly state: "alive" | "suspect" | "dead" | "left";
    readonly since: Instant;
    readonly incarnation: number;
    /** Absent for MetalLB's speakers. */
    readonly capability?: number;
    readonly rttMs?: number;
    readonly accusers?: readonly string[];
  }[];
  /** What keeps a peer out, in words: another key, a blocked port, a name that is taken. */
  readonly complaints: readonly {
    readonly peer: string;
    readonly code: string;
    readonly text: string;
    readonly at: Instant;
    readonly count: number;
  }[];
  /** How often it had to deny that it is dead or suspect. */
  readonly refutations: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
}

/** How one speaker takes part in the ring of watchers. */
export interface RingState {
  /** UDP. */
  port: number;
  /** Nobody is heard on the port, though fellow speakers should be. */
  isBlocked: boolean;
  /** Who watches this node, and whom it watches. */
  watchers: string[];
  targets: string[];
  /** 0: its own timers run well; each step more makes it slower to accuse others. */
  awareness: number;
  /** Since it started: it accused others, and others contradicted it. */
  accusations: number;
  vetoes: number;
  /** The last ones it took part in or heard of, newest first. */
  verdicts: {
    at: Instant;
    node: string;
    silentMs?: number;
    accusers: string[];
    /** It rested on the word of the gateway. */
    hasWitness?: boolean;
  }[];
}
