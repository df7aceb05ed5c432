/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { BfdSessionRow, BgpSessionRow, Instant } from "../ports.ts";
import { Mark, type Tone } from "./parts/mark.tsx";

/** RFC 5880 state names are said verbatim in both languages, as the diagnostics are. */
const tones: Readonly<Record<BfdSessionRow["state"], Tone>> = {
  AdminDown: "idle",
  Down: "critical",
  Init: "warning",
  Up: "good",
};

interface BfdProps {
  session: BgpSessionRow;
  now: Instant;
  words: Words;
}

/** How BFD watches a BGP peer, and what it saw; a dash where none does. */
export function Bfd({ session, now, words }: BfdProps) {
  const bfd = session.bfdSession;
  if (!bfd) return <span class="muted">{session.bfd ?? "–"}</span>;
  const { state, detectionTimeMs, echoIntervalMs, isMultihop } = bfd;
  const traits = [
    detectionTimeMs === undefined ? [] : words.t("bfd.detection", { ms: words.number(detectionTimeMs) }),
    isMultihop ? words.t("bfd.multihop") : [],
    echoIntervalMs === undefined ? [] : words.t("bfd.echo", { ms: words.number(echoIntervalMs) }),
  ].flat();
  return (
    <>
      <Mark tone={tones[state]} word={state} />
      {traits.length === 0 ? null : <div class="muted number">{traits.join(" · ")}</div>}
      <details>
        <summary>{words.t("bfd.details")}</summary>
        <ul class="muted">
          {sentences(bfd, now, words).map((sentence) => (
            <li>{sentence}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

function sentences(bfd: BfdSessionRow, now: Instant, { t, number, duration }: Words): string[] {
  const { lastDown, lastDiscard, diagnostic, remoteDiagnostic, problem, counters } = bfd;
  return [
    problem ?? [],
    t("bfd.peerState", { state: bfd.remoteState, duration: duration(now - bfd.since) }),
    diagnostic === undefined ? [] : t("bfd.diagnostic", { why: diagnostic }),
    remoteDiagnostic === undefined ? [] : t("bfd.remoteDiagnostic", { why: remoteDiagnostic }),
    lastDown === undefined
      ? []
      : t("bfd.lastDown", { why: lastDown.why, duration: duration(now - lastDown.at) }),
    lastDiscard === undefined
      ? []
      : t("bfd.lastDiscard", { why: lastDiscard.why, duration: duration(now - lastDiscard.at) }),
    bfd.transmitIntervalMs === undefined ? [] : t("bfd.pace", { ms: number(bfd.transmitIntervalMs) }),
    t("bfd.events", { up: number(counters.up), down: number(counters.down) }),
  ].flat();
}
