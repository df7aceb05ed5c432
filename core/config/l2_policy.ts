import { formatDuration, parseDuration } from "./duration.ts";
import { quote, type Report } from "./field_reader.ts";

/**
 * What an L2Advertisement asks of the election beyond MetalLB, by annotations. All are optional; one that is malformed
 * rejects the advertisement like a malformed field. They count only while every live speaker describes itself to the
 * others, so that a ring mixed with MetalLB's speakers, which ignore them, names the same winner.
 *
 * | annotation | value | meaning |
 * |---|---|---|
 * | `metallb.io/failback` | `immediate`, `never`, or a Go duration up to `168h` | when a node that comes before the announcer takes the address from it: at once (default, as MetalLB), never while the announcer can go on, or when it has been stable for so long |
 * | `metallb.io/spread` | `bounded` | addresses are spread over the candidates so that none has more than a quarter above the average, instead of by MetalLB's order |
 * | `metallb.io/require-connected-route` | `true` or `false` | a node without a connected route to the address, on an interface of the advertisement, is passed over while another has one |
 * | `metallb.io/endpoint-delay` | a Go duration from `0s` to `1m` | under externalTrafficPolicy Local a node whose first endpoint of the Service is younger than this comes after those that have had one for longer: its kube-proxy may not have programmed it yet (default `0s`, as MetalLB) |
 */
export const l2PolicyAnnotations = {
  failback: "metallb.io/failback",
  spread: "metallb.io/spread",
  requireConnectedRoute: "metallb.io/require-connected-route",
  endpointDelay: "metallb.io/endpoint-delay",
} as const;

export interface L2Policy {
  /** How long a node must have been stable before it takes an address from another: 0 at once, Infinity never. */
  readonly failbackAfterMs: number;
  readonly isSpread: boolean;
  readonly requiresConnectedRoute: boolean;
  /** How long a node must have had an endpoint before it counts like others that have one; 0 at once. */
  readonly endpointDelayMs: number;
}

const failbackAfterMsMax = 168 * 3_600_000;
const endpointDelayMsMax = 60_000;

/** Undefined where no annotation is there. */
export function parseL2Policy(
  annotations: Readonly<Record<string, string>>,
  report: Report,
): L2Policy | undefined {
  if (!Object.values(l2PolicyAnnotations).some((name) => annotations[name] !== undefined)) return undefined;
  const read = (name: keyof typeof l2PolicyAnnotations): PolicyText => {
    const path = `metadata.annotations["${l2PolicyAnnotations[name]}"]`;
    const text = String(annotations[l2PolicyAnnotations[name]] ?? "").trim();
    return { text, reject: (code, sentence) => report(path, `advertisement.${code}`, sentence) };
  };
  return {
    failbackAfterMs: failbackAfterMs(read("failback")),
    isSpread: isSpread(read("spread")),
    requiresConnectedRoute: requiresConnectedRoute(read("requireConnectedRoute")),
    endpointDelayMs: endpointDelayMs(read("endpointDelay")),
  };
}

interface PolicyText {
  readonly text: string;
  reject(code: string, sentence: string): void;
}

function failbackAfterMs({ text, reject }: PolicyText): number {
  if (text === "" || text === "immediate") return 0;
  if (text === "never") return Number.POSITIVE_INFINITY;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= failbackAfterMsMax) return ms;
  const most = formatDuration(failbackAfterMsMax);
  const sentence = `${quote(text)} is neither immediate, nor never, nor a duration from 0s to ${most} such as 30s, 10m or 1h30m`;
  reject("failback-malformed", sentence);
  return 0;
}

function isSpread({ text, reject }: PolicyText): boolean {
  if (text === "" || text === "bounded") return text !== "";
  const sentence = `${quote(text)} is not bounded, the only spread there is; leave the annotation out for MetalLB's order`;
  reject("spread-unknown", sentence);
  return false;
}

function requiresConnectedRoute({ text, reject }: PolicyText): boolean {
  if (text === "" || text === "true" || text === "false") return text === "true";
  reject("connected-route-malformed", `${quote(text)} is neither true nor false`);
  return false;
}

function endpointDelayMs({ text, reject }: PolicyText): number {
  if (text === "") return 0;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0 && ms <= endpointDelayMsMax) return ms;
  const most = formatDuration(endpointDelayMsMax);
  reject(
    "endpoint-delay-malformed",
    `${quote(text)} is no duration from 0s to ${most} such as 2s, 500ms or 1m`,
  );
  return 0;
}
