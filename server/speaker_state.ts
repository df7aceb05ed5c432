import * as v from "valibot";
import { type Reason, type ReasonCode, reasonTexts } from "#core/reason/mod.ts";
import type { SpeakerState } from "./ports.ts";

/** Limits of DESIGN section 6, so that a broken speaker cannot fill the controller's memory. */
const addressesMax = 65_536;
const servicesMax = 10_000;
const nodesMax = 4_096;
const movesMax = 10_000;
const issuesMax = 10_000;

const text = v.pipe(v.string(), v.maxLength(4_096));
const instant = v.pipe(v.number(), v.finite());
const measure = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

function list<Item extends v.GenericSchema>(item: Item, lengthMax: number) {
  return v.pipe(v.array(item), v.maxLength(lengthMax));
}

const reason = v.object({
  code: text,
  params: v.record(v.string(), v.union([v.string(), v.number()])),
});

const move = v.object({
  at: instant,
  address: text,
  from: v.exactOptional(text),
  to: v.exactOptional(text),
  why: reason,
  tookMs: v.exactOptional(v.number()),
});

const messageCounts = v.object({
  opens: count,
  updates: count,
  notifications: count,
  keepalives: count,
  routeRefreshes: count,
});

const session = v.object({
  peer: text,
  address: text,
  port: count,
  myASN: count,
  peerASN: v.exactOptional(count),
  state: v.picklist(["Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"]),
  since: instant,
  uptimeMs: v.exactOptional(v.number()),
  holdTimeMs: v.exactOptional(v.number()),
  keepaliveTimeMs: v.exactOptional(v.number()),
  prefixesSent: count,
  prefixesReceived: count,
  lastError: v.exactOptional(v.object({ at: instant, text })),
  flaps: count,
  capabilities: list(text, 64),
  bfd: v.exactOptional(v.picklist(["up", "down", "adminDown"])),
  vrf: v.exactOptional(text),
  isWaiting: v.exactOptional(v.boolean()),
  families: v.exactOptional(
    list(v.object({ family: v.picklist(["ipv4", "ipv6"]), sent: count, received: count }), 2),
  ),
  peerName: v.exactOptional(text),
  pending: v.exactOptional(count),
  messages: v.exactOptional(v.object({ sent: messageCounts, received: messageCounts })),
  log: v.exactOptional(
    list(v.object({ at: instant, direction: v.picklist(["sent", "received"]), text }), 256),
  ),
});

const bfdState = v.picklist(["AdminDown", "Down", "Init", "Up"]);

const bfdSession = v.object({
  peers: list(text, 1_024),
  address: text,
  interface: v.exactOptional(text),
  vrf: text,
  isMultihop: v.boolean(),
  state: bfdState,
  remoteState: bfdState,
  since: instant,
  localDiscr: count,
  remoteDiscr: count,
  diagnostic: v.exactOptional(text),
  remoteDiagnostic: v.exactOptional(text),
  transmitIntervalMs: v.exactOptional(v.number()),
  detectionTimeMs: v.exactOptional(v.number()),
  echoIntervalMs: v.exactOptional(v.number()),
  lastDown: v.exactOptional(v.object({ at: instant, why: text })),
  lastDiscard: v.exactOptional(v.object({ at: instant, why: text })),
  problem: v.exactOptional(text),
  counters: v.object({
    controlIn: count,
    controlOut: count,
    echoIn: count,
    echoOut: count,
    up: count,
    down: count,
    discarded: count,
  }),
});

const conflict = v.object({
  address: text,
  mac: text,
  ownMac: text,
  interface: text,
  phase: v.picklist(["probe", "owned"]),
  since: instant,
  lastAt: instant,
});

const interfaces = list(
  v.object({
    name: text,
    mac: text,
    isUsable: v.boolean(),
    unusable: v.exactOptional(text),
    addresses: list(text, 1_024),
  }),
  4_096,
);

const facts = v.object({
  interfaces: list(v.object({ name: text, connected: list(text, 1_024) }), 1_024),
  isTruncated: v.boolean(),
  stableSince: instant,
  flaps: count,
  isAnswering: v.boolean(),
});

const ring = v.object({
  port: count,
  isBlocked: v.boolean(),
  watchers: list(text, nodesMax),
  targets: list(text, nodesMax),
  awareness: measure,
  accusations: count,
  vetoes: count,
  verdicts: list(
    v.object({
      at: instant,
      node: text,
      silentMs: v.exactOptional(measure),
      accusers: list(text, 64),
      hasWitness: v.exactOptional(v.boolean()),
    }),
    1_024,
  ),
});

const schema = v.object({
  version: count,
  node: text,
  pod: text,
  build: text,
  startedAt: instant,
  recordOnly: v.boolean(),
  announcements: list(
    v.object({
      address: text,
      services: list(text, servicesMax),
      protocol: v.literal("layer2"),
      interfaces: list(v.object({ name: text, mac: text }), 1_024),
      since: instant,
      gratuitousAt: v.exactOptional(instant),
      requests: count,
      responses: count,
      gratuitous: count,
      phase: v.exactOptional(v.literal("probing")),
      yieldingTo: v.exactOptional(text),
    }),
    addressesMax,
  ),
  routes: list(
    v.object({ prefix: text, services: list(text, servicesMax), peers: list(text, 1_024), since: instant }),
    addressesMax,
  ),
  sessions: list(session, 1_024),
  bfd: v.exactOptional(list(bfdSession, 1_024)),
  members: list(
    v.object({
      node: text,
      address: text,
      state: v.picklist(["alive", "dead", "left"]),
      since: instant,
      lastHeardAt: v.exactOptional(instant),
      by: v.exactOptional(v.picklist(["ring", "memberlist", "pod"])),
      roundTripMs: v.exactOptional(measure),
    }),
    nodesMax,
  ),
  moves: list(move, movesMax),
  gateways: v.exactOptional(list(text, 64)),
  conflicts: v.exactOptional(list(conflict, addressesMax)),
  interfaces: v.exactOptional(interfaces),
  cachedSince: v.exactOptional(instant),
  denials: v.exactOptional(
    list(v.object({ verb: text, resource: text, since: instant, message: text }), 1_024),
  ),
  facts: v.exactOptional(facts),
  ring: v.exactOptional(ring),
  issues: list(v.object({ kind: text, name: text, path: text, code: text, message: text }), issuesMax),
});

/**
 * Reads a speaker's answer to `GET /api/v1/state`. Fields of a newer speaker are ignored, and so are moves whose
 * reason this version has no sentence for. Throws an Error that names the first field that is wrong.
 */
export function parseSpeakerState(json: unknown): SpeakerState {
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const issue = result.issues[0];
    throw new Error(
      `cannot read the speaker's state: ${v.getDotPath(issue) ?? "document"}: ${issue.message}`,
    );
  }
  const { moves, ...state } = result.output;
  return { ...state, moves: moves.filter(hasKnownReason) };
}

type ParsedMove = v.InferOutput<typeof move>;

function hasKnownReason(parsed: ParsedMove): parsed is ParsedMove & { why: Reason } {
  return isReasonCode(parsed.why.code);
}

function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(reasonTexts, code);
}
