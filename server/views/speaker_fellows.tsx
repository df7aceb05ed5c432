/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, SpeakerDetail, SpeakerMember } from "../ports.ts";
import { Mark, type Tone } from "./parts/mark.tsx";
import { SpeakerLink } from "./parts/speaker_link.tsx";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { speakerPath } from "./paths.ts";

const tones: Record<SpeakerMember["state"], Tone> = { alive: "good", dead: "critical", left: "idle" };
const harm: Record<SpeakerMember["state"], number> = { dead: 0, left: 1, alive: 2 };

/** Those that are lost come first; all of them are in the JSON. */
const shownMax = 50;

interface FellowsProps {
  speaker: SpeakerDetail;
  now: Instant;
  words: Words;
}

/** The other speakers as this one sees them: who lives, by whose word, and how far away. */
export function SpeakerFellows({ speaker: { node, fellows }, now, words }: FellowsProps) {
  const { t } = words;
  const sorted = fellows.toSorted((a, b) => harm[a.state] - harm[b.state]);
  return (
    <section aria-labelledby="fellows-title">
      <h2 id="fellows-title">{t("speaker.fellows")}</h2>
      {sorted.length === 0 ? (
        <p class="muted">{t("speaker.noFellows")}</p>
      ) : (
        <Table
          caption={t("speaker.fellows")}
          columns={[
            { label: t("column.state"), width: 9 },
            { label: t("speaker.fellow") },
            { label: t("speakers.address"), width: 14 },
            { label: t("speaker.by"), width: 10 },
            { label: t("speaker.since"), width: 7, isNumber: true },
            { label: t("speaker.heard"), width: 8, isNumber: true },
            { label: t("speaker.roundTrip"), width: 9, isNumber: true },
          ]}
        >
          {sorted.slice(0, shownMax).map((fellow) => (
            <Fellow fellow={fellow} now={now} words={words} />
          ))}
        </Table>
      )}
      {sorted.length > shownMax ? (
        <p class="more">
          <a href={`/api/v1${speakerPath(node)}`} hx-boost="false">
            {t("nodes.more", { count: sorted.length - shownMax })}
          </a>
        </p>
      ) : null}
    </section>
  );
}

function Fellow({ fellow, now, words }: { fellow: SpeakerMember; now: Instant; words: Words }) {
  const { t } = words;
  const { node, address, state, since, by, lastHeardAt, roundTripMs } = fellow;
  return (
    <tr id={`fellow:${node}`}>
      <td>
        <Mark tone={tones[state]} word={t(`speaker.member.${state}`)} />
      </td>
      <th scope="row">
        <SpeakerLink node={node} />
      </th>
      <td class="address" data-label={t("speakers.address")}>
        {address}
      </td>
      <td data-label={t("speaker.by")}>{by === undefined ? "–" : t(`speaker.by.${by}`)}</td>
      <td class="number" data-label={t("speaker.since")}>
        <Age at={since} now={now} words={words} />
      </td>
      <td class="number" data-label={t("speaker.heard")}>
        {/* Of one that lives it is the beat that brought it here, long ago: heard it is all the time. */}
        {lastHeardAt === undefined || state === "alive" ? (
          "–"
        ) : (
          <Age at={lastHeardAt} now={now} words={words} />
        )}
      </td>
      <td class="number" data-label={t("speaker.roundTrip")}>
        {roundTripMs === undefined ? "–" : t("speaker.ms", { ms: roundTripMs.toFixed(1) })}
      </td>
    </tr>
  );
}
