/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { MembershipSummary } from "../ports.ts";
import { Mark } from "./parts/mark.tsx";

/** How the speakers watch one another: whether a death is found at once, and whether the extras are heeded. */
export function Membership({ summary, words }: { summary: MembershipSummary; words: Words }) {
  const { t } = words;
  const { extras, ringBlocked } = summary;
  const [first] = ringBlocked;
  return (
    <section aria-labelledby="membership-title">
      <h2 id="membership-title">{t("membership.title")}</h2>
      <div class="calm">
        <p>
          <Mark
            tone={first === undefined ? "good" : "warning"}
            word={t(first === undefined ? "membership.well" : "severity.warning")}
          />{" "}
          {first === undefined
            ? t("membership.calm")
            : t("membership.blocked", { count: ringBlocked.length, port: String(first.port) })}
        </p>
        {first === undefined ? null : <p class="muted">{ringBlocked.map(({ node }) => node).join(", ")}</p>}
        <p>
          <Mark
            tone={extras.inForce ? "good" : "info"}
            word={t(extras.inForce ? "membership.well" : "severity.info")}
          />{" "}
          {extras.inForce
            ? t("membership.extrasOn")
            : t("membership.extrasOff", { count: extras.silent.length })}
        </p>
        {extras.inForce ? null : <p class="muted">{extras.silent.join(", ")}</p>}
      </div>
    </section>
  );
}
