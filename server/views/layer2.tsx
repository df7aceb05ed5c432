/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { AttentionItem, Candidate, Instant, Layer2Row, Move, Page } from "../ports.ts";
import { AttentionList } from "./attention.tsx";
import { MovesTimeline } from "./chart/moves_timeline.tsx";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { MoveTable } from "./moves.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { Pager } from "./parts/pager.tsx";
import { SearchForm } from "./parts/search_form.tsx";
import { Table } from "./parts/table.tsx";
import { Age } from "./parts/time.tsx";
import { type ListQuery, listPath, servicePath } from "./paths.ts";

const regionId = "layer2";

interface Layer2Props {
  rows: Page<Layer2Row>;
  moves: readonly Move[];
  /** Conflicts and outages of any page of the table. */
  alarms: readonly AttentionItem[];
  query: ListQuery;
  now: Instant;
  words: Words;
}

export function Layer2Page(props: Layer2Props) {
  return (
    <>
      <Heading title={props.words.t("nav.layer2")} />
      <Layer2Region {...props} />
    </>
  );
}

export function Layer2Region(props: Layer2Props) {
  const { rows, moves, alarms, query, now, words } = props;
  return (
    <div {...region(regionId, listPath("/layer2", query), ["layer2"])} class="stack">
      {alarms.length === 0 ? null : <AttentionList items={alarms} now={now} words={words} />}
      {moves.length === 0 ? null : (
        <section aria-labelledby="timeline-title">
          <div class="title">
            <h2 id="timeline-title">{words.t("layer2.moves")}</h2>
            <a href="#moves">{words.t("moves.list")}</a>
          </div>
          <MovesTimeline moves={moves} now={now} words={words} />
        </section>
      )}
      <div class="toolbar">
        <SearchForm
          path="/layer2"
          regionId={regionId}
          search={query.search}
          placeholder={words.t("layer2.search")}
          words={words}
        />
        <Pager
          {...rows}
          regionId={regionId}
          urlOf={(page) => listPath("/layer2", { ...query, page })}
          words={words}
        />
      </div>
      {rows.total === 0 ? (
        <Nothing query={query} words={words} />
      ) : (
        <LeaderTable rows={rows.rows} now={now} words={words} />
      )}
      <section id="moves" aria-labelledby="moves-title">
        <h2 id="moves-title">{words.t("moves.caption")}</h2>
        <MoveTable moves={moves} now={now} words={words} />
      </section>
    </div>
  );
}

function Nothing({ query, words }: { query: ListQuery; words: Words }) {
  if (query.search !== "") return <Empty title={words.t("search.nothing", { search: query.search })} />;
  return (
    <Empty
      title={words.t("layer2.none")}
      command="kubectl -n metallb-system get l2advertisements,ipaddresspools"
    >
      <p>{words.t("layer2.noneHint")}</p>
    </Empty>
  );
}

function LeaderTable({ rows, now, words }: { rows: Layer2Row[]; now: Instant; words: Words }) {
  const { t } = words;
  return (
    <Table
      caption={t("layer2.caption")}
      columns={[
        { label: t("column.address"), width: 11 },
        { label: t("nav.services") },
        { label: t("layer2.leader"), width: 11 },
        { label: t("layer2.interface"), width: 17 },
        { label: t("layer2.since"), width: 7, isNumber: true },
        { label: t("layer2.gratuitous"), width: 7, isNumber: true },
        { label: t("layer2.candidates"), width: 21 },
      ]}
    >
      {rows.map((row) => (
        <LeaderRow row={row} now={now} words={words} />
      ))}
    </Table>
  );
}

interface RowProps {
  row: Layer2Row;
  now: Instant;
  words: Words;
}

function LeaderRow({ row, now, words }: RowProps) {
  const { t } = words;
  const { leaders } = row;
  const state = leaders.length === 1 ? "led" : leaders.length === 0 ? "nobody" : "conflict";
  return (
    <tr id={`layer2:${row.address}`} data-state={state}>
      <th scope="row" class="address">
        {row.address}
      </th>
      <td data-label={t("nav.services")}>
        {row.services.map(({ namespace, name }) => (
          <div class="clip" title={`${namespace}/${name}`}>
            <a href={servicePath(namespace, name)}>
              <span class="muted">{namespace}/</span>
              {name}
            </a>
          </div>
        ))}
      </td>
      <td data-label={t("layer2.leader")}>
        {state === "nobody" ? <Mark tone="critical" word={t("announcer.nobody")} /> : null}
        {state === "conflict" ? (
          <Mark tone="critical" word={t("layer2.conflict", { count: leaders.length })} />
        ) : null}
        {leaders.map((leader) =>
          state === "led" ? <Mark tone="good" word={leader.node} /> : <div>{leader.node}</div>,
        )}
      </td>
      <td data-label={t("layer2.interface")}>
        {leaders.map((leader) => (
          <div class="address clip" title={`${leader.interfaces.join(", ")} ${leader.mac}`}>
            {leader.mac} <span class="muted">{leader.interfaces.join(", ")}</span>
          </div>
        ))}
      </td>
      <td class="number" data-label={t("layer2.since")}>
        {leaders.map((leader) => (
          <div>
            <Age at={leader.since} now={now} words={words} />
          </div>
        ))}
      </td>
      <td class="number" data-label={t("layer2.gratuitous")}>
        {leaders.map((leader) => (
          <div>
            {leader.gratuitousAt === undefined ? (
              "–"
            ) : (
              <Age at={leader.gratuitousAt} now={now} words={words} />
            )}
          </div>
        ))}
      </td>
      <td class="long" data-label={t("layer2.candidates")}>
        <Candidates candidates={row.candidates} words={words} />
      </td>
    </tr>
  );
}

const ranksShownMax = 3;

/** The order in which nodes would take over, and behind it why each is, or is not, in it. */
function Candidates({ candidates, words }: { candidates: readonly Candidate[]; words: Words }) {
  const ranked = candidates.filter((one) => one.rank > 0).toSorted((a, b) => a.rank - b.rank);
  const excluded = candidates.filter((one) => one.rank === 0);
  if (candidates.length === 0) return <span class="muted">{words.t("layer2.noCandidate")}</span>;
  const names = ranked.slice(0, ranksShownMax).map((one) => one.node);
  const more = ranked.length - names.length;
  return (
    <details class="candidates">
      <summary>
        {names.length === 0 ? words.t("layer2.noCandidate") : names.join(" › ")}
        {more > 0 ? <span class="muted"> +{words.number(more)}</span> : null}
        {excluded.length > 0 ? (
          <span class="muted"> · {words.t("layer2.excluded", { count: excluded.length })}</span>
        ) : null}
      </summary>
      <ol>
        {[...ranked, ...excluded].map((one) => (
          <li>
            <span class="number">{one.rank === 0 ? "–" : `${one.rank}.`}</span> <strong>{one.node}</strong>{" "}
            <span>{words.reason(one.why)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
