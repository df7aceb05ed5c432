/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { AttentionItem, Instant, Layer2Row, Move, Page } from "../ports.ts";
import { AttentionList } from "./attention.tsx";
import { MovesTimeline } from "./chart/moves_timeline.tsx";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { LeaderTable } from "./leader_table.tsx";
import { MoveTable } from "./moves.tsx";
import { Empty } from "./parts/empty.tsx";
import { Pager } from "./parts/pager.tsx";
import { SearchForm } from "./parts/search_form.tsx";
import { type ListQuery, listPath } from "./paths.ts";

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
