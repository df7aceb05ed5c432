/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Overview } from "../ports.ts";
import { topics } from "../topics.ts";
import { region } from "./hx.ts";
import { LeadershipMark } from "./leadership.tsx";
import { Mark, type Tone } from "./parts/mark.tsx";

export interface StripProps {
  overview: Overview;
  words: Words;
}

/** The same on every page: what needs attention, how many Services have an address, and whether the page is live. */
export function Strip({ overview, words }: StripProps) {
  const { services, attention, leadership } = overview;
  const alarms = attention.filter((item) => item.severity !== "info");
  const tone: Tone = alarms.length === 0 ? "good" : alarms.some(isCritical) ? "critical" : "warning";
  const alarm =
    alarms.length === 0 ? words.t("strip.calm") : words.t("strip.attention", { count: alarms.length });
  return (
    <div class="strip" {...region("strip", "/strip", topics, 1_000)} data-say={alarm}>
      <a href="/">
        <Mark tone={tone} word={alarm} />
      </a>
      <a href="/services" class="number">
        {words.t("strip.services", { assigned: services.assigned, total: services.total })}
      </a>
      {leadership === undefined ? null : <LeadershipMark leadership={leadership} words={words} />}
      <span
        id="stream"
        hx-morph-skip
        class="mark"
        data-tone="idle"
        data-on={words.t("stream.live")}
        data-off={words.t("stream.waiting")}
      >
        <i aria-hidden="true" />
        <span>{words.t("stream.static")}</span>
      </span>
    </div>
  );
}

function isCritical(item: { severity: string }): boolean {
  return item.severity === "critical";
}
