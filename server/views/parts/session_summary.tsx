/** @jsxImportSource hono/jsx */
import type { Words } from "../../i18n/mod.ts";
import type { BgpSessionRow, Instant } from "../../ports.ts";
import { Mark } from "./mark.tsx";
import { sessionTone } from "./session_state.ts";
import { Age } from "./time.tsx";

const shownMax = 6;

/** How many sessions are in each state, and those that are not up with their last error. */
export function SessionSummary(props: { sessions: BgpSessionRow[]; now: Instant; words: Words }) {
  const { sessions, now, words } = props;
  if (sessions.length === 0) return <p class="muted">{words.t("bgp.none")}</p>;
  const down = sessions.filter((session) => session.state !== "Established");
  return (
    <>
      <p class="counts">
        {countStates(sessions).map(([state, count]) => (
          <span>
            <Mark tone={sessionTone(state)} word={state} /> <span class="number">{words.number(count)}</span>
          </span>
        ))}
      </p>
      {down.length === 0 ? null : (
        <ul class="lines">
          {down.slice(0, shownMax).map((session) => (
            <li>
              <span class="clip" title={`${session.node} → ${session.peer}`}>
                {session.node} → {session.peer}
              </span>
              <Mark tone={sessionTone(session.state)} word={session.state} />
              <span class="number muted">
                <Age at={session.since} now={now} words={words} />
              </span>
              {session.lastError === undefined ? null : (
                <p class="quoted clip" title={session.lastError.text}>
                  {session.lastError.text}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      {down.length > shownMax ? (
        <p class="more">
          <a href="/bgp">{words.t("sessions.more", { count: down.length - shownMax })}</a>
        </p>
      ) : null}
    </>
  );
}

function countStates(sessions: readonly BgpSessionRow[]): [BgpSessionRow["state"], number][] {
  const counts = new Map<BgpSessionRow["state"], number>();
  for (const { state } of sessions) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
