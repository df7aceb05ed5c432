import { formatDuration, parseDuration } from "./duration.ts";
import { quote, type Report } from "./field_reader.ts";
import type { BgpPeer } from "./types.ts";

/**
 * What a BGPPeer does beyond MetalLB, by annotations. All are optional; one that is malformed rejects the peer like a
 * malformed field. MetalLB ignores them.
 *
 * | annotation | value | meaning |
 * |---|---|---|
 * | `metallb.io/connection-mode` | `active` (default), `passive` or `both` | who dials: the speaker, the router, or whoever comes first. With `passive` and `both` the speaker listens on TCP port 179 of `sourceAddress`, or of any address |
 * | `metallb.io/ttl-security` | `true` or `false` | GTSM (RFC 5082): packets of the session that crossed a router are dropped |
 * | `metallb.io/graceful-shutdown-time` | a Go duration up to `30s` | before a planned stop of the speaker its routes bear the community GRACEFUL_SHUTDOWN for so long (RFC 8326) |
 * | `metallb.io/long-lived-stale-time` | a Go duration up to `4660h` | with `enableGracefulRestart`: the router may keep the routes, as the last resort, for so long after the restart time (RFC 9494) |
 */
export const peerAnnotations = {
  connection: "metallb.io/connection-mode",
  ttlSecurity: "metallb.io/ttl-security",
  gracefulShutdown: "metallb.io/graceful-shutdown-time",
  longLived: "metallb.io/long-lived-stale-time",
} as const;

const gracefulShutdownMsMax = 30_000;
/** RFC 9494 §3.1: 24 bits of seconds. */
const staleSecondsMax = 0xff_ffff;

export type PeerExtras = Pick<
  BgpPeer,
  "connection" | "isTtlSecured" | "gracefulShutdownMs" | "longLivedStaleSeconds"
>;

export function parsePeerAnnotations(
  annotations: Readonly<Record<string, string>>,
  peer: Pick<BgpPeer, "ebgpMultiHop" | "enableGracefulRestart">,
  report: Report,
): PeerExtras {
  const textOf = (name: keyof typeof peerAnnotations) => annotations[peerAnnotations[name]]?.trim() ?? "";
  const issue = (name: keyof typeof peerAnnotations, code: string, sentence: string) =>
    report(`metadata.annotations["${peerAnnotations[name]}"]`, `peer.${code}`, sentence);
  const durationOf = (name: keyof typeof peerAnnotations, maxMs: number) => {
    const ms = parseDuration(textOf(name));
    if (textOf(name) === "" || (ms !== undefined && ms >= 0 && ms <= maxMs)) return ms;
    const sentence = `${quote(textOf(name))} is not allowed; allowed are 0s to ${formatDuration(maxMs)}`;
    issue(name, "annotation-duration", sentence);
    return undefined;
  };

  const mode = textOf("connection");
  if (mode !== "" && mode !== "active" && mode !== "passive" && mode !== "both") {
    issue("connection", "connection-mode", `${quote(mode)} is neither active nor passive nor both`);
  }
  const security = textOf("ttlSecurity");
  if (security !== "" && security !== "true" && security !== "false") {
    issue("ttlSecurity", "ttl-security", `${quote(security)} is neither true nor false`);
  }
  if (security === "true" && peer.ebgpMultiHop) {
    const sentence =
      "it is true, and so is spec.ebgpMultiHop: what crosses routers on its way would be dropped";
    issue("ttlSecurity", "ttl-security-multihop", sentence);
  }
  const gracefulShutdownMs = durationOf("gracefulShutdown", gracefulShutdownMsMax);
  const longLivedMs = durationOf("longLived", staleSecondsMax * 1000);
  if (longLivedMs !== undefined && !peer.enableGracefulRestart) {
    issue("longLived", "long-lived-without-restart", "it needs spec.enableGracefulRestart, which is false");
  }
  return {
    ...((mode === "passive" || mode === "both") && { connection: mode }),
    ...(security === "true" && { isTtlSecured: true }),
    ...(gracefulShutdownMs && { gracefulShutdownMs }),
    ...(longLivedMs !== undefined && { longLivedStaleSeconds: Math.floor(longLivedMs / 1000) }),
  };
}
