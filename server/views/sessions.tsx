/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { BgpSessionRow, Instant } from "../ports.ts";
import { Bfd } from "./bfd.tsx";
import { Mark } from "./parts/mark.tsx";
import { sessionTone } from "./parts/session_state.ts";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { FamilyCounts, SessionMessages } from "./session_messages.tsx";

const shownMax = 40;

interface SessionsProps {
  sessions: readonly BgpSessionRow[];
  now: Instant;
  words: Words;
}

/** Each session in full: those that are not up first. */
export function SessionTable({ sessions, now, words }: SessionsProps) {
  const { t } = words;
  const sorted = sessions.toSorted((a, b) => Number(isUp(a)) - Number(isUp(b)));
  return (
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title">{t("bgp.sessions")}</h2>
      <Table
        caption={t("bgp.sessions")}
        columns={[
          { label: t("column.state"), width: 9 },
          { label: t("column.node"), width: 10 },
          { label: t("bgp.peer"), width: 14 },
          { label: t("bgp.asn"), width: 11 },
          { label: t("bgp.since"), width: 7, isNumber: true },
          { label: t("bgp.prefixes"), width: 9, isNumber: true },
          { label: t("bgp.timers"), width: 10, isNumber: true },
          { label: t("bgp.flaps"), width: 5, isNumber: true },
          { label: t("bgp.bfd"), width: 10 },
          { label: t("bgp.lastError") },
        ]}
      >
        {sorted.slice(0, shownMax).map((session) => (
          <Row session={session} now={now} words={words} />
        ))}
      </Table>
      {sorted.length > shownMax ? (
        <p class="more">{t("sessions.moreSearch", { count: sorted.length - shownMax })}</p>
      ) : null}
    </section>
  );
}

function isUp(session: BgpSessionRow): boolean {
  return session.state === "Established";
}

function Row({ session, now, words }: { session: BgpSessionRow; now: Instant; words: Words }) {
  const { t } = words;
  return (
    <tr id={`session:${session.node}:${session.peer}`} data-state={session.state}>
      <td>
        <Mark tone={sessionTone(session.state)} word={session.state} />
      </td>
      <th scope="row" class="clip" title={session.node}>
        {session.node}
      </th>
      <td data-label={t("bgp.peer")}>
        <div class="clip" title={session.peer}>
          {session.peer}
        </div>
        <div class="address muted">{endpoint(session)}</div>
        {session.peerName === undefined ? null : (
          <div class="muted clip" title={session.peerName}>
            {session.peerName}
          </div>
        )}
      </td>
      <td data-label={t("bgp.asn")}>
        {session.myASN} <span aria-hidden="true">→</span> {session.peerASN ?? "?"}
      </td>
      <td class="number" data-label={t("bgp.since")}>
        <Age at={session.since} now={now} words={words} />
      </td>
      <td class="number" data-label={t("bgp.prefixes")}>
        {words.number(session.prefixesSent)} / {words.number(session.prefixesReceived)}
        <FamilyCounts session={session} words={words} />
      </td>
      <td class="number" data-label={t("bgp.timers")}>
        {timer(session.holdTimeMs)} / {timer(session.keepaliveTimeMs)}
      </td>
      <td class="number" data-label={t("bgp.flaps")}>
        {words.number(session.flaps)}
      </td>
      <td data-label={t("bgp.bfd")}>
        <Bfd session={session} now={now} words={words} />
      </td>
      <td class="long" data-label={t("bgp.lastError")}>
        <LastError session={session} now={now} words={words} />
      </td>
    </tr>
  );
}

function LastError({ session, now, words }: { session: BgpSessionRow; now: Instant; words: Words }) {
  const { lastError, capabilities } = session;
  return (
    <>
      {lastError === undefined ? (
        <span class="muted">–</span>
      ) : (
        <>
          <span class="quoted">{lastError.text}</span>{" "}
          <span class="muted number">
            {words.t("bgp.errorAgo", { duration: words.duration(now - lastError.at) })}
          </span>
        </>
      )}
      {capabilities.length === 0 ? null : (
        <details>
          <summary>{words.t("bgp.capabilities", { count: capabilities.length })}</summary>
          <p class="muted">{capabilities.join(", ")}</p>
        </details>
      )}
      <SessionMessages session={session} now={now} words={words} />
    </>
  );
}

function endpoint({ address, port, isWaiting }: BgpSessionRow): string {
  // An unnumbered peer that was not heard yet goes by its interface.
  if (isWaiting) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function timer(ms: number | undefined): string {
  return ms === undefined ? "–" : String(ms / 1_000);
}
