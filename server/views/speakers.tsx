/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { Instant, MembershipSummary, Page, SpeakerRow } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Membership } from "./membership.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { byName } from "./parts/order.ts";
import { Pager } from "./parts/pager.tsx";
import { SearchForm } from "./parts/search_form.tsx";
import { SpeakerLink } from "./parts/speaker_link.tsx";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { type ListQuery, listPath } from "./paths.ts";

interface SpeakersProps {
  speakers: Page<SpeakerRow>;
  membership?: MembershipSummary | undefined;
  query: ListQuery;
  now: Instant;
  words: Words;
}

export function SpeakersPage(props: SpeakersProps) {
  return (
    <>
      <Heading title={props.words.t("nav.speakers")} />
      <SpeakersRegion {...props} />
    </>
  );
}

export function SpeakersRegion({ speakers, membership, query, now, words }: SpeakersProps) {
  return (
    <div {...region("speakers", listPath("/speakers", query), ["speakers"])} class="stack">
      {membership === undefined || speakers.total === 0 ? null : (
        <Membership summary={membership} words={words} />
      )}
      <div class="toolbar">
        <SearchForm
          path="/speakers"
          regionId="speakers"
          search={query.search}
          placeholder={words.t("speakers.search")}
          words={words}
        />
        <Pager
          {...speakers}
          regionId="speakers"
          urlOf={(page) => listPath("/speakers", { ...query, page })}
          words={words}
        />
      </div>
      {speakers.total === 0 ? (
        <NoSpeakers words={words} search={query.search} />
      ) : (
        <SpeakerTable speakers={speakers.rows} now={now} words={words} />
      )}
    </div>
  );
}

function NoSpeakers({ words, search }: { words: Words; search: string }) {
  if (search !== "") return <Empty title={words.t("search.nothing", { search })} />;
  return (
    <Empty
      title={words.t("speakers.none")}
      command="kubectl -n metallb-system get pods -l component=speaker -o wide"
    >
      <p>{words.t("speakers.noneHint")}</p>
    </Empty>
  );
}

function SpeakerTable({ speakers, now, words }: { speakers: SpeakerRow[]; now: Instant; words: Words }) {
  const { t } = words;
  return (
    <Table
      caption={t("speakers.caption")}
      columns={[
        { label: t("column.state") },
        { label: t("column.node"), width: 12 },
        { label: t("speakers.pod"), width: 12 },
        { label: t("speakers.address"), width: 12 },
        { label: t("speakers.layer2"), width: 7, isNumber: true },
        { label: t("speakers.bgp"), width: 6, isNumber: true },
        { label: t("speakers.sessions"), width: 8, isNumber: true },
        { label: t("speakers.members"), width: 9, isNumber: true },
        { label: t("speakers.version"), width: 8 },
        { label: t("speakers.uptime"), width: 8, isNumber: true },
      ]}
    >
      {speakers.map((speaker) => (
        <tr id={`speaker:${speaker.node}`}>
          <td>
            <SpeakerState speaker={speaker} now={now} words={words} />
          </td>
          <th scope="row">
            <SpeakerLink node={speaker.node} />
            {speaker.isDraining ? (
              <div>
                <span class="tag">{t("speakers.draining")}</span>
              </div>
            ) : null}
          </th>
          <td class="clip" title={speaker.pod} data-label={t("speakers.pod")}>
            {speaker.pod}
          </td>
          <td class="address" data-label={t("speakers.address")}>
            {speaker.address}
          </td>
          <td class="number" data-label={t("speakers.layer2")}>
            {words.number(speaker.announcedLayer2)}
          </td>
          <td class="number" data-label={t("speakers.bgp")}>
            {words.number(speaker.announcedBgp)}
          </td>
          <td class="number" data-label={t("speakers.sessions")}>
            {speaker.sessionsUp} / {speaker.sessionsTotal}
          </td>
          <td class="number" data-label={t("speakers.members")}>
            <Members speaker={speaker} words={words} />
          </td>
          <td data-label={t("speakers.version")}>{speaker.version ?? "–"}</td>
          <td class="number" data-label={t("speakers.uptime")}>
            {speaker.startedAt === undefined ? "–" : <Age at={speaker.startedAt} now={now} words={words} />}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** How many others it holds for alive; by whose word stands in the title. */
function Members({ speaker: { members, membersBy }, words }: { speaker: SpeakerRow; words: Words }) {
  if (membersBy === undefined) return <>{words.number(members)}</>;
  return <span title={words.t("speakers.by", membersBy)}>{words.number(members)}</span>;
}

interface SpeakerProps {
  speaker: SpeakerRow;
  now: Instant;
  words: Words;
}

/** Answers, or silent since when and how. */
export function SpeakerState({ speaker, now, words }: SpeakerProps) {
  if (speaker.answers) {
    return (
      <>
        <Mark tone="good" word={words.t("speakers.answers")} />
        {speaker.cachedSince === undefined ? null : (
          <p>
            <Mark tone="warning" word={words.t("speakers.cached")} />{" "}
            <Age at={speaker.cachedSince} now={now} words={words} />
          </p>
        )}
        {speaker.recordOnly ? <p class="muted">{words.t("speakers.recordOnly")}</p> : null}
        {speaker.isRingBlocked ? (
          <p>
            <Mark tone="warning" word={words.t("speakers.ringBlocked")} />
          </p>
        ) : null}
      </>
    );
  }
  return (
    <>
      <Mark tone="critical" word={words.t("speakers.silent")} />
      {speaker.lastSeen === undefined ? (
        <span class="muted"> {words.t("speakers.neverSeen")}</span>
      ) : (
        <span class="muted number">
          {" "}
          <Age at={speaker.lastSeen} now={now} words={words} />
        </span>
      )}
      {speaker.error === undefined ? null : <p class="quoted">{speaker.error}</p>}
    </>
  );
}

/** For the overview: the silent ones first, one line each. */
export function SpeakerList(props: { speakers: SpeakerRow[]; limit: number; now: Instant; words: Words }) {
  const { speakers, limit, now, words } = props;
  if (speakers.length === 0) return <NoSpeakers words={words} search="" />;
  const sorted = silentFirst(speakers);
  return (
    <>
      <ul class="lines">
        {sorted.slice(0, limit).map((speaker) => (
          <li>
            <span class="clip" title={speaker.node}>
              {speaker.node}
            </span>
            <div>
              <SpeakerState speaker={speaker} now={now} words={words} />
            </div>
            <span class="number muted">
              {speaker.answers
                ? words.t("speakers.announces", { count: speaker.announcedLayer2 + speaker.announcedBgp })
                : null}
            </span>
          </li>
        ))}
      </ul>
      {sorted.length > limit ? (
        <p class="more">
          <a href="/speakers">{words.t("nodes.more", { count: sorted.length - limit })}</a>
        </p>
      ) : null}
    </>
  );
}

export function silentFirst(speakers: readonly SpeakerRow[]): SpeakerRow[] {
  return speakers.toSorted((a, b) => Number(a.answers) - Number(b.answers) || byName(a.node, b.node));
}
