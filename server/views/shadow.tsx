/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { Words } from "../i18n/mod.ts";
import type { ShadowChange, ShadowChoice, ShadowElection, ShadowReport } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Mark, type Tone } from "./parts/mark.tsx";
import { ServiceLink } from "./parts/service_link.tsx";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";

interface ShadowProps {
  report: ShadowReport;
  now: number;
  words: Words;
}

export function ShadowPage(props: ShadowProps) {
  return (
    <>
      <Heading title={props.words.t("shadow.heading")} />
      <ShadowRegion {...props} />
    </>
  );
}

/** A page is read down to here; the JSON API has all of them. */
const shownMax = 200;

/** What a controller that writes nothing would do otherwise than the one that acts. */
export function ShadowRegion({ report, now, words }: ShadowProps) {
  const { t } = words;
  const { comparedAt, changes, choices = [], otherAnnouncers, services, elections, notCompared } = report;
  return (
    <div {...region("shadow", "/shadow", ["services"])} class="stack">
      <p class="muted lead">{t("shadow.hint")}</p>
      {comparedAt === undefined ? (
        <p class="calm">
          <Mark tone="idle" word={t("shadow.waiting")} />
        </p>
      ) : (
        <>
          <section aria-labelledby="shadow-services">
            <h2 id="shadow-services">{t("shadow.changes")}</h2>
            {changes.length === 0 ? (
              <Calm word={t("shadow.same", { count: services })} />
            ) : (
              <Changes caption={t("shadow.changes")} changes={changes} now={now} words={words} />
            )}
          </section>
          <section aria-labelledby="shadow-elections">
            <h2 id="shadow-elections">{t("shadow.elections")}</h2>
            {notCompared !== undefined ? (
              <p>
                <Mark tone="idle" word={t("shadow.notCompared", { why: notCompared })} />
              </p>
            ) : otherAnnouncers.length === 0 ? (
              <Calm word={t("shadow.sameElections", { count: elections })} />
            ) : (
              <Elections elections={otherAnnouncers} now={now} words={words} />
            )}
          </section>
          {choices.length === 0 ? null : (
            <section aria-labelledby="shadow-choices">
              <h2 id="shadow-choices">{t("shadow.choices")}</h2>
              <p class="muted lead">{t("shadow.choicesHint")}</p>
              <Changes caption={t("shadow.choices")} changes={choices} now={now} words={words} />
            </section>
          )}
        </>
      )}
    </div>
  );
}

function Calm({ word }: { word: string }) {
  return (
    <p class="calm">
      <Mark tone="good" word={word} />
    </p>
  );
}

const tones: Readonly<Record<ShadowChange["kind"], Tone>> = {
  moves: "critical",
  loses: "critical",
  gains: "info",
  records: "idle",
};

interface ChangesProps {
  caption: string;
  /** With the kind of change, or without one, for what is none. */
  changes: readonly (ShadowChoice & { kind?: ShadowChange["kind"] })[];
  now: number;
  words: Words;
}

function Changes({ caption, changes, now, words }: ChangesProps) {
  const { t } = words;
  const kinds = changes.some(({ kind }) => kind !== undefined) ? { kind: t("shadow.kind") } : {};
  return (
    <Rows caption={caption} {...kinds} total={changes.length} words={words}>
      {changes.slice(0, shownMax).map(({ service, kind, has, wants, why, since }) => (
        <tr>
          <ServiceCell service={service} />
          {kind === undefined ? null : (
            <td data-label={t("shadow.kind")}>
              <Mark tone={tones[kind]} word={t(`shadow.${kind}`)} />
            </td>
          )}
          <Holding label={t("shadow.has")} holding={has} words={words} />
          <Holding label={t("shadow.wants")} holding={wants} words={words} />
          <td class="long" data-label={t("column.why")}>
            {why ? words.reason(why) : ""}
          </td>
          <td class="number" data-label={t("column.age")}>
            <Age at={since} now={now} words={words} />
          </td>
        </tr>
      ))}
    </Rows>
  );
}

function Elections({
  elections,
  now,
  words,
}: {
  elections: readonly ShadowElection[];
  now: number;
  words: Words;
}) {
  const { t } = words;
  return (
    <Rows caption={t("shadow.elections")} total={elections.length} words={words}>
      {elections.slice(0, shownMax).map(({ service, has, wants, why, since }) => (
        <tr>
          <ServiceCell service={service} />
          <td data-label={t("shadow.has")}>{has.join(", ") || t("announcer.nobody")}</td>
          <td data-label={t("shadow.wants")}>{wants ?? t("announcer.nobody")}</td>
          <td class="long" data-label={t("column.why")}>
            {why ? words.reason(why) : ""}
          </td>
          <td class="number" data-label={t("column.age")}>
            <Age at={since} now={now} words={words} />
          </td>
        </tr>
      ))}
    </Rows>
  );
}

interface RowsProps {
  caption: string;
  /** Head of the column that says what kind of change it is; absent: there is none. */
  kind?: string;
  total: number;
  words: Words;
  children: Child;
}

function Rows({ caption, kind, total, words, children }: RowsProps) {
  const { t } = words;
  return (
    <>
      <Table
        caption={caption}
        columns={[
          { label: t("column.service"), width: 15 },
          ...(kind === undefined ? [] : [{ label: kind, width: 12 } as const]),
          { label: t("shadow.has"), width: 12 },
          { label: t("shadow.wants"), width: 12 },
          { label: t("column.why") },
          { label: t("column.age"), width: 6, isNumber: true },
        ]}
      >
        {children}
      </Table>
      {total > shownMax ? <p class="muted">{t("nodes.more", { count: total - shownMax })}</p> : null}
    </>
  );
}

function ServiceCell({ service }: { service: string }) {
  const [namespace = "", name = ""] = service.split("/");
  return (
    <th scope="row">
      <ServiceLink namespace={namespace} name={name} />
    </th>
  );
}

function Holding({ label, holding, words }: { label: string; holding: ShadowChange["has"]; words: Words }) {
  const { addresses, pool } = holding;
  return (
    <td data-label={label}>
      <span class="address">{addresses.join(", ") || words.t("shadow.nothing")}</span>
      {pool === undefined ? null : <small class="muted"> {pool}</small>}
    </td>
  );
}
