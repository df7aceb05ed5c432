/** @jsxImportSource hono/jsx */
import type { Words } from "../i18n/mod.ts";
import type { BgpSessionRow, Instant } from "../ports.ts";
import { region } from "./hx.ts";
import { Heading } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";
import { Mark } from "./parts/mark.tsx";
import { NoSessions } from "./parts/no_sessions.tsx";
import { Pager } from "./parts/pager.tsx";
import { SearchForm } from "./parts/search_form.tsx";
import { sessionTone } from "./parts/session_state.ts";
import { Age } from "./parts/time.tsx";
import { type ListQuery, listPath } from "./paths.ts";
import { SessionTable } from "./sessions.tsx";

const regionId = "bgp";

export interface BgpProps {
  /** Nodes of this page of the matrix, and their sessions. */
  nodes: { rows: string[]; total: number; page: number; pageSize: number };
  peers: { name: string; address: string }[];
  sessions: readonly BgpSessionRow[];
  query: ListQuery;
  now: Instant;
  words: Words;
}

export function BgpPage(props: BgpProps) {
  return (
    <>
      <Heading title={props.words.t("nav.bgp")} />
      <BgpRegion {...props} />
    </>
  );
}

export function BgpRegion(props: BgpProps) {
  const { nodes, sessions, query, now, words } = props;
  return (
    <div {...region(regionId, listPath("/bgp", query), ["bgp"])} class="stack">
      <div class="toolbar">
        <SearchForm
          path="/bgp"
          regionId={regionId}
          search={query.search}
          placeholder={words.t("bgp.search")}
          words={words}
        />
        <Pager
          {...nodes}
          regionId={regionId}
          urlOf={(page) => listPath("/bgp", { ...query, page })}
          words={words}
        />
      </div>
      {sessions.length === 0 ? (
        <Nothing query={query} words={words} />
      ) : (
        <>
          <Matrix {...props} />
          <SessionTable sessions={sessions} now={now} words={words} />
        </>
      )}
    </div>
  );
}

function Nothing({ query, words }: { query: ListQuery; words: Words }) {
  if (query.search !== "") return <Empty title={words.t("search.nothing", { search: query.search })} />;
  return <NoSessions words={words} />;
}

/** Nodes down, peers across; an empty cell is a peer that the node is not configured for. */
function Matrix({ nodes, peers, sessions, now, words }: BgpProps) {
  const byCell = new Map(sessions.map((session) => [cellKey(session.node, session.peer), session]));
  return (
    <section class="scroll" aria-label={words.t("bgp.matrix")} tabindex={0}>
      <table class="matrix">
        <caption class="visually-hidden">{words.t("bgp.matrix")}</caption>
        <thead>
          <tr>
            <th scope="col">{words.t("column.node")}</th>
            {peers.map((peer) => (
              <th scope="col">
                <span class="clip" title={peer.name}>
                  {peer.name}
                </span>
                <span class="address muted clip" title={peer.address}>
                  {peer.address}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodes.rows.map((node) => (
            <tr>
              <th scope="row" class="clip" title={node}>
                <a href={listPath("/bgp", { search: node })}>{node}</a>
              </th>
              {peers.map((peer) => (
                <MatrixCell session={byCell.get(cellKey(node, peer.name))} now={now} words={words} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function cellKey(node: string, peer: string): string {
  return JSON.stringify([node, peer]);
}

function MatrixCell({
  session,
  now,
  words,
}: {
  session: BgpSessionRow | undefined;
  now: Instant;
  words: Words;
}) {
  if (!session) return <td class="muted">–</td>;
  const isUp = session.state === "Established";
  return (
    <td data-state={session.state}>
      <Mark tone={sessionTone(session.state)} word={session.state} />
      <span class="number muted">
        <Age at={session.since} now={now} words={words} />
        {isUp ? ` · ${words.t("bgp.prefixesShort", { count: session.prefixesSent })}` : null}
      </span>
    </td>
  );
}
