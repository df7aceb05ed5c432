import type { MemberlistSettings } from "./settings.ts";

/** What is wrong with one key of the file, in words that name it. */
export interface SettingsIssue {
  readonly key: string;
  readonly message: string;
}

export type ReadSettings =
  | { readonly settings: MemberlistSettings }
  | { readonly issues: readonly SettingsIssue[] };

type Kind = "duration" | "count" | "flag";

/** MetalLB's keys, in the order of its documentation. */
const keys: readonly [string, keyof MemberlistSettings, Kind][] = [
  ["TCPTimeout", "tcpTimeoutMs", "duration"],
  ["IndirectChecks", "indirectChecks", "count"],
  ["RetransmitMult", "retransmitMult", "count"],
  ["SuspicionMult", "suspicionMult", "count"],
  ["SuspicionMaxTimeoutMult", "suspicionMaxTimeoutMult", "count"],
  ["PushPullInterval", "pushPullIntervalMs", "duration"],
  ["ProbeTimeout", "probeTimeoutMs", "duration"],
  ["ProbeInterval", "probeIntervalMs", "duration"],
  ["DisableTcpPings", "disableTcpPings", "flag"],
  ["AwarenessMaxMultiplier", "awarenessMaxMultiplier", "count"],
  ["GossipNodes", "gossipNodes", "count"],
  ["GossipInterval", "gossipIntervalMs", "duration"],
  ["GossipToTheDeadTime", "gossipToTheDeadTimeMs", "duration"],
  ["GossipVerifyIncoming", "gossipVerifyIncoming", "flag"],
  ["GossipVerifyOutgoing", "gossipVerifyOutgoing", "flag"],
  ["EnableCompression", "enableCompression", "flag"],
  ["HandoffQueueDepth", "handoffQueueDepth", "count"],
  ["UDPBufferSize", "udpBufferSize", "count"],
  ["QueueCheckInterval", "queueCheckIntervalMs", "duration"],
];

const countMax = 1_000_000;
const durationMaxMs = 24 * 3_600_000;
/** A datagram that IPv4 can carry; below this not even a ping with a long name fits. */
const [bufferMin, bufferMax] = [512, 65_507];

/**
 * Reads MetalLB's `config.json` (ConfigMap `metallb-memberlist-config`). It replaces the LAN or WAN profile as a whole,
 * so every duration must be there, as MetalLB has it; a missing number or flag is 0 or false, as MetalLB has it too,
 * but an unknown key, which MetalLB passes over, is an error here.
 */
export function readSettings(json: string): ReadSettings {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    return { issues: [{ key: "", message: `not JSON: ${error instanceof Error ? error.message : error}` }] };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return { issues: [{ key: "", message: 'not an object such as {"ProbeInterval": "1s", …}' }] };
  const given = parsed as Record<string, unknown>;
  const issues: SettingsIssue[] = [];
  const settings: Partial<Record<keyof MemberlistSettings, number | boolean>> = {};
  for (const [key, name, kind] of keys) {
    const value = read(given[key], kind);
    if (typeof value === "string") issues.push({ key, message: value });
    else settings[name] = value;
  }
  const known = new Set(keys.map(([key]) => key));
  for (const key of Object.keys(given))
    if (!known.has(key)) issues.push({ key, message: `is not known; allowed are ${[...known].join(", ")}` });
  if (issues.length > 0) return { issues };
  const complete = settings as unknown as MemberlistSettings;
  const contradictions = contradict(complete);
  return contradictions.length > 0 ? { issues: contradictions } : { settings: complete };
}

/** A text says what is wrong. */
function read(value: unknown, kind: Kind): number | boolean | string {
  if (kind === "flag") {
    if (value === undefined) return false;
    return typeof value === "boolean" ? value : `must be true or false, not ${quote(value)}`;
  }
  if (kind === "count") {
    if (value === undefined) return 0;
    const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= countMax;
    return isCount ? value : `must be a whole number from 0 to ${countMax}, not ${quote(value)}`;
  }
  const allowed = 'a duration from "0s" to "24h", such as "500ms" or "1m30s"';
  if (value === undefined) return `is missing: it must be ${allowed}`;
  const ms = typeof value === "string" ? durationMs(value) : undefined;
  if (ms === undefined || ms < 0 || ms > durationMaxMs) return `must be ${allowed}, not ${quote(value)}`;
  return ms;
}

function contradict(settings: MemberlistSettings): SettingsIssue[] {
  const issues: SettingsIssue[] = [];
  const { probeTimeoutMs, probeIntervalMs, udpBufferSize } = settings;
  if (probeIntervalMs > 0 && probeTimeoutMs >= probeIntervalMs)
    issues.push({
      key: "ProbeTimeout",
      message: `must be shorter than ProbeInterval (${probeIntervalMs} ms), or nobody is asked before the verdict`,
    });
  if (udpBufferSize < bufferMin || udpBufferSize > bufferMax)
    issues.push({ key: "UDPBufferSize", message: `must be from ${bufferMin} to ${bufferMax} bytes` });
  return issues;
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's `time.ParseDuration`: one or more numbers with a unit each, a sign before all, "0" alone. */
export function durationMs(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.+)$/.exec(text) ?? [];
  if (rest === "0") return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  const isWhole =
    parts.length > 0 && parts.reduce((length, [part]) => length + part.length, 0) === rest.length;
  if (!isWhole) return undefined;
  const ms = parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (unitsMs[unit] ?? 0), 0);
  return sign === "-" ? -ms : ms;
}
